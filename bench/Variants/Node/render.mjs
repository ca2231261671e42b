// Renders one picture as RenderPhoto does, and prints the cost of each run but the first as JSON.
import sharp from 'sharp'

sharp.cache(false)
sharp.concurrency(1)

const [file, runs] = process.argv.slice(2)

async function render() {
  const input = sharp(file, { failOn: 'none' }).autoOrient()
  const preview = await input.resize(2048, 2048, { fit: 'inside', withoutEnlargement: true })
    .raw().toBuffer({ resolveWithObject: true })
  const pixels = () => sharp(preview.data, { raw: preview.info })
  await pixels().webp({ quality: 80, effort: 2 }).toBuffer()
  await pixels().resize(512, 512, { fit: 'inside', withoutEnlargement: true }).webp({ quality: 75, effort: 2 }).toBuffer()
}

await render()
const costs = []
for (let run = 0; run < Number(runs); run++) {
  const started = performance.now()
  const before = process.cpuUsage()
  await render()
  const { user, system } = process.cpuUsage(before)
  costs.push({ ms: performance.now() - started, cpuMs: (user + system) / 1000, peakMiB: process.resourceUsage().maxRSS / 1024 })
}
console.log(JSON.stringify(costs))
