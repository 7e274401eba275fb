/** Stands for the name of the file where there is none. */
export const NO_FILE = 'no configuration file'

/** Where the cameras come from: the file, a search on this machine, or a test picture after a search without a result. */
export type CameraOrigin = 'file' | 'found' | 'test-picture'
