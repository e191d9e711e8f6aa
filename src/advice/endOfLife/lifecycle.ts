/** A product, where its dates were read, and its release cycles, newest first: `cycle day`, `-` for no day named. */
export type Lifecycle = readonly [product: string, source: string, cycles: string];
