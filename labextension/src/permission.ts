import type { ISettingRegistry } from '@jupyterlab/settingregistry';
import type { TranslationBundle } from '@jupyterlab/translation';

import type { Settings } from './settings';
import type { Feature, Options } from './wire';

/** What is needed to say what is allowed. */
interface Told {
  readonly settings: Settings;
  readonly trans: TranslationBundle;
}

/** What a control says of itself: its label, or why an administrator has switched it off. */
export function captionOf({ settings, trans }: Told, feature: Feature, label: string): string {
  if (!settings.isOff(feature)) {
    return label;
  }
  const { reason } = settings.word;
  return reason
    ? trans.__('%1: switched off by the administrator. %2', label, reason)
    : trans.__('%1: switched off by the administrator.', label);
}

/**
 * What the settings editor is to make of our settings: the administrator's defaults, and what is locked as such.
 *
 * The user's file is left as it is, and holds again once nothing is locked.
 */
export function administered({ settings, trans }: Told): {
  fetch: ISettingRegistry.IPlugin.Transform;
  compose: ISettingRegistry.IPlugin.Transform;
} {
  const lock = (property: ISettingRegistry.IProperty): ISettingRegistry.IProperty => {
    const { reason } = settings.word;
    const note = reason
      ? trans.__('Locked by the administrator: %1', reason)
      : trans.__('Locked by the administrator.');
    const title = trans.__('%1 (locked)', property.title ?? '');
    return {
      ...property,
      readOnly: true,
      title,
      description: `${note} ${property.description ?? ''}`
    };
  };
  const govern = (name: string, property: ISettingRegistry.IProperty) => {
    const value = settings.word.options[name as keyof Options];
    const governed: ISettingRegistry.IProperty = { ...property, default: value };
    if (typeof value === 'number' && typeof property['maximum'] === 'number') {
      // An administrator may go beyond what users may.
      governed['maximum'] = Math.max(value, property['maximum']);
    }
    return settings.isLocked(name) ? lock(governed) : governed;
  };
  // The registry asks again with what it was given: what was locked once would stay so.
  let original: ISettingRegistry.ISchema['properties'];
  return {
    fetch: plugin => {
      original ??= plugin.schema.properties;
      const properties = Object.entries(original ?? {}).map(([name, property]) => [
        name,
        govern(name, property)
      ]);
      return {
        ...plugin,
        schema: { ...plugin.schema, properties: Object.fromEntries(properties) }
      };
    },
    compose: plugin => {
      const user = Object.fromEntries(
        Object.entries(plugin.data.user).filter(([name]) => !settings.isLocked(name))
      );
      return { ...plugin, data: { user, composite: { ...settings.over(user) } } };
    }
  };
}
