//! Numbers by Zipf's law with exponent 1.

use kith_base::Random;

/// Draws numbers below a bound, the first the likeliest.
pub struct Zipf {
    count: u64,
    scale: f64,
}

impl Zipf {
    /// Of so many numbers, at least one.
    pub fn new(count: u64) -> Self {
        let count = count.max(1);
        Zipf {
            count,
            scale: ((count + 1) as f64).ln(),
        }
    }

    /// By inversion of the continuous law with the same tail.
    pub fn draw(&self, random: &mut Random) -> u64 {
        let number = (random.unit() * self.scale).exp() - 1.0;
        (number as u64).min(self.count - 1)
    }
}
