import { startProgram, until, type Program } from '../../test/support/program.js'

/** The program with two running test cameras of 640x480 and 30 frames/s. @param tables further TOML, `$UDP` for its port. */
export async function startTwoCameras(tables: string): Promise<Program> {
  const camera = (number: number): string =>
    `[camera${number}]\ndevice = "test:smpte"\nwidth = 640\nheight = 480\nfps = 30\nwebrtc-port = $PORT${number}\n`
  const program = await startProgram({ tables: camera(1) + camera(2) + tables })
  try {
    await until(async () => (await program.health()).status === 'ok', 30_000)
  } catch (error) {
    await program[Symbol.asyncDispose]()
    throw error
  }
  return program
}
