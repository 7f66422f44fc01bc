//! Blocking: the pairs of records worth comparing, each once.
//!
//! Records that share a rare enough key meet ([`keys`]). How much a met pair agrees on is summed
//! in bits over its aspects ([`atoms`]), and the pairs with the most are kept, so that their
//! number follows from the number of records and not from how common their values are.

mod atoms;
mod keys;
mod signature;

use crate::records::Records;
use atoms::{ATOMS_MAX, Atom};
use keys::Keys;
pub use signature::Signature;

/// Pairs of records, the later record first; ordered by it.
#[derive(Clone, Debug, Default)]
pub struct Pairs {
    /// `(later, earlier)`.
    pub pairs: Vec<(u32, u32)>,
}

/// What limits blocking.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Pairs kept per record, on average.
    pub pairs_per_record: u32,
    /// Pairs met per record, on average.
    pub met_per_record: u32,
    /// Only pairs of different files.
    pub only_across: bool,
}

/// Sixteenths of a bit that two records lose for disagreeing on a group that both have.
const DISAGREE: i32 = 2 * 16;

/// The pairs worth comparing.
pub fn pairs(records: &Records, settings: Settings) -> Pairs {
    let atoms = atoms::atoms(records);
    if records.len() < 2 || atoms.is_empty() {
        return Pairs::default();
    }
    let met = records.len() as u64 * u64::from(settings.met_per_record);
    let keys = Keys::new(records, &atoms, met);
    let rows = Rows::new(&atoms, records.len());
    let mut walk = Walk {
        records,
        keys: &keys,
        rows: &rows,
        settings,
        seen: vec![0; records.len()],
    };
    let least = walk.least();
    let mut pairs = Vec::new();
    for record in 0..records.len() {
        walk.visit(record, |other, bits| {
            if bits >= least {
                pairs.push((record as u32, other));
            }
        });
    }
    Pairs { pairs }
}

/// Every pair, for few records.
pub fn every(records: &Records, only_across: bool) -> Pairs {
    let may_meet = |one: u32, other: u32| {
        !only_across || records.source[one as usize] != records.source[other as usize]
    };
    let all = (0..records.len() as u32).flat_map(|one| (0..one).map(move |other| (one, other)));
    Pairs {
        pairs: all.filter(|(one, other)| may_meet(*one, *other)).collect(),
    }
}

/// The aspects of each record side by side.
struct Rows {
    width: usize,
    groups: [u8; ATOMS_MAX],
    /// Codes, and the sixteenths of a bit that agreeing on each is worth.
    cells: Vec<(u32, u16)>,
}

impl Rows {
    fn new(atoms: &[Atom], rows: usize) -> Self {
        let mut groups = [0; ATOMS_MAX];
        for (group, atom) in groups.iter_mut().zip(atoms) {
            *group = atom.group;
        }
        let worth: Vec<Vec<u16>> = atoms.iter().map(|atom| worth(atom, rows)).collect();
        let mut cells = Vec::with_capacity(rows * atoms.len());
        for row in 0..rows {
            for (atom, worth) in atoms.iter().zip(&worth) {
                let code = atom.codes[row];
                cells.push((code, worth[code as usize]));
            }
        }
        Rows {
            width: atoms.len(),
            groups,
            cells,
        }
    }

    /// Sixteenths of a bit that speak for two records being one.
    fn bits(&self, one: usize, other: usize) -> i32 {
        let row = |record: usize| &self.cells[record * self.width..(record + 1) * self.width];
        let (mut bits, mut at) = (0, 0);
        let (one, other) = (row(one), row(other));
        while at < self.width {
            let group = self.groups[at];
            let (mut best, mut both) = (0, false);
            while at < self.width && self.groups[at] == group {
                let ((code, worth), (code_other, _)) = (one[at], other[at]);
                if code != 0 && code_other != 0 {
                    both = true;
                    if code == code_other {
                        best = best.max(i32::from(worth));
                    }
                }
                at += 1;
            }
            if best > 0 {
                bits += best;
            } else if both {
                bits -= DISAGREE;
            }
        }
        bits
    }
}

fn worth(atom: &Atom, rows: usize) -> Vec<u16> {
    let bits = |count: &u32| (rows as f32 / (*count).max(1) as f32).log2() * 16.0;
    atom.counts.iter().map(|count| bits(count) as u16).collect()
}

struct Walk<'a> {
    records: &'a Records,
    keys: &'a Keys,
    rows: &'a Rows,
    settings: Settings,
    /// The last record that met each.
    seen: Vec<u32>,
}

impl Walk<'_> {
    /// The fewest bits of a pair that is kept, found on a sample of the records.
    fn least(&mut self) -> i32 {
        const BITS_MAX: usize = 128 * 16;
        let rows = self.records.len();
        let step = (rows / 4_000).max(1);
        let mut histogram = vec![0u64; BITS_MAX + 1];
        let mut looked = 0;
        for record in (0..rows).step_by(step) {
            looked += 1;
            self.visit_all(record, |_, bits| {
                histogram[bits.clamp(0, BITS_MAX as i32) as usize] += 1;
            });
        }
        // Every pair is met from both sides here.
        let mut room = looked * 2 * u64::from(self.settings.pairs_per_record);
        for (bits, pairs) in histogram.iter().enumerate().rev() {
            if *pairs > room {
                self.seen.fill(0);
                return bits as i32 + 1;
            }
            room -= pairs;
        }
        self.seen.fill(0);
        0
    }

    /// Every earlier record that shares a key, once.
    fn visit(&mut self, record: usize, mut found: impl FnMut(u32, i32)) {
        let stamp = record as u32 + 1;
        for group in self.keys.of(record) {
            for other in group.iter().take_while(|other| (**other as usize) < record) {
                if self.seen[*other as usize] == stamp {
                    continue;
                }
                self.seen[*other as usize] = stamp;
                if self.may_meet(record, *other as usize) {
                    found(*other, self.rows.bits(record, *other as usize));
                }
            }
        }
    }

    /// Every record that shares a key, once.
    fn visit_all(&mut self, record: usize, mut found: impl FnMut(u32, i32)) {
        let stamp = record as u32 + 1;
        for group in self.keys.of(record) {
            for other in group {
                if self.seen[*other as usize] == stamp || *other as usize == record {
                    continue;
                }
                self.seen[*other as usize] = stamp;
                if self.may_meet(record, *other as usize) {
                    found(*other, self.rows.bits(record, *other as usize));
                }
            }
        }
    }

    fn may_meet(&self, one: usize, other: usize) -> bool {
        !self.settings.only_across || self.records.source[one] != self.records.source[other]
    }
}
