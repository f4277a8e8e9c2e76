//! Random choices from a seed: the same on every machine.

/// Pieces of which hostile text is made.
const PIECES: [&str; 44] = [
    "'",
    "\"",
    "\n",
    "$",
    "$$",
    "$(X)",
    "$(A)",
    "$(GO_STAGE_NAME)",
    "$$(A)",
    "{{",
    "}}",
    "{",
    "{{workflow.name}}",
    "{{=1+1}}",
    "{{inputs.parameters.run-index}}",
    "ü→😀",
    "\r\n",
    "\r",
    "\\",
    "\\n",
    "`id`",
    "*",
    "~",
    "  ",
    "\t",
    "%s%d",
    "$HOME",
    "${A}",
    "!",
    ";exit 3;",
    "@@",
    "@_@",
    "GOCD_EOF",
    "\nGOCD_EOF\n",
    "#",
    "-n",
    "&&",
    "|",
    "<>",
    "=",
    "a",
    "B7",
    "$((1+1))",
    "…",
];

/// A generator of choices (splitmix64).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Random {
        Random(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ 0x5DEE_CE66_D1CE_CAFE)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(limit).unwrap()).unwrap()
    }

    /// True in `of` cases of a hundred.
    pub fn chance(&mut self, of: usize) -> bool {
        self.below(100) < of
    }

    pub fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// Text that some engine between YAML and the command could misread.
    pub fn hostile(&mut self) -> String {
        (0..self.below(6)).map(|_| *self.pick(&PIECES)).collect()
    }
}
