/** The environment a program is started with. */
export type Env = Readonly<Record<string, string | undefined>>
