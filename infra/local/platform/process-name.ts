/** The three processes of the platform, in the order in which they are stopped. */
export const processNames = ['functions', 'servicebus', 'azure'] as const;
export type ProcessName = (typeof processNames)[number];
