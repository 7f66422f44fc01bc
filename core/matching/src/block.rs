//! Blocking: the pairs of records worth comparing, each once.
//!
//! Records that share a rare enough key meet ([`keys`]). How much a met pair agrees on is summed
//! in bits over its aspects ([`atoms`]), and the pairs with the most are kept, so that their
//! number follows from the number of records and not from how common their values are.

mod atoms;
mod keys;
mod signature;

use crate::dictionary::MISSING;
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

/// From so many records on, pairs that share too little are not compared.
const LARGE: usize = 200_000;
/// Bits that what is nearly the same may add to what is the same.
const SLACK: f32 = 8.0;
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
        met: Vec::new(),
        lines: Vec::new(),
    };
    let least = walk.least().max(floor(records.len()));
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

/// The fewest bits worth a comparison in a large table: two records taken at random share as many
/// bits less than two of one person as there are bits in the number of records. Half a million
/// customers: 716,000 pairs instead of 5,039,000 with as good as all true ones, .9998 and .9999.
fn floor(records: usize) -> i32 {
    if records < LARGE {
        return i32::MIN;
    }
    (((records as f32).log2() - SLACK) * 16.0) as i32
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

/// The aspects of each record side by side, in one line of the processor's cache.
struct Rows<'a> {
    atoms: &'a [Atom],
    /// Parts of codes; 0 is missing.
    lines: Vec<Line>,
    /// Per aspect and code, the sixteenths of a bit that agreeing is worth.
    worth: Vec<Vec<u16>>,
    /// The aspects of each group, as bits.
    groups: Vec<u32>,
}

#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Line([u16; ATOMS_MAX]);

/// One record, met by many others in turn.
#[derive(Default)]
struct Meeting {
    line: Line,
    worth: [u16; ATOMS_MAX],
}

impl<'a> Rows<'a> {
    fn new(atoms: &'a [Atom], rows: usize) -> Self {
        let mut lines = vec![Line::default(); rows];
        let mut groups = Vec::<u32>::new();
        for (at, atom) in atoms.iter().enumerate() {
            for (line, code) in lines.iter_mut().zip(&atom.codes) {
                line.0[at] = part(*code);
            }
            if at > 0 && atoms[at - 1].group == atom.group {
                *groups.last_mut().expect("an aspect was before") |= 1 << at;
            } else {
                groups.push(1 << at);
            }
        }
        Rows {
            atoms,
            lines,
            worth: atoms.iter().map(|atom| worth(atom, rows)).collect(),
            groups,
        }
    }

    fn meeting(&self, record: usize, meeting: &mut Meeting) {
        meeting.line = self.lines[record];
        for (at, (atom, worth)) in self.atoms.iter().zip(&self.worth).enumerate() {
            meeting.worth[at] = worth[atom.codes[record] as usize];
        }
    }

    /// Sixteenths of a bit that speak for two records being one.
    fn bits(&self, one: &Meeting, other: &Line) -> i32 {
        let (mut same, mut both) = (0u32, 0u32);
        for (at, (a, b)) in one.line.0.iter().zip(&other.0).enumerate() {
            both |= u32::from(*a != 0 && *b != 0) << at;
            same |= u32::from(a == b) << at;
        }
        same &= both;
        let mut bits = 0;
        for group in &self.groups {
            let mut agree = same & group;
            if agree == 0 {
                bits -= if both & group == 0 { 0 } else { DISAGREE };
                continue;
            }
            let mut best = 0;
            while agree != 0 {
                best = best.max(one.worth[agree.trailing_zeros() as usize]);
                agree &= agree - 1;
            }
            bits += i32::from(best);
        }
        bits
    }
}

/// Part of a code, never that of a missing one: two codes in 65,000 have the same.
fn part(code: u32) -> u16 {
    match code {
        MISSING => 0,
        code => ((code.wrapping_mul(0x9E37_79B1) >> 16) as u16).max(1),
    }
}

fn worth(atom: &Atom, rows: usize) -> Vec<u16> {
    let bits = |count: &u32| (rows as f32 / (*count).max(1) as f32).log2() * 16.0;
    atom.counts.iter().map(|count| bits(count) as u16).collect()
}

struct Walk<'a> {
    records: &'a Records,
    keys: &'a Keys,
    rows: &'a Rows<'a>,
    settings: Settings,
    /// The last record that met each.
    seen: Vec<u32>,
    /// Those met by one record, and their aspects.
    met: Vec<u32>,
    lines: Vec<Line>,
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
    fn visit(&mut self, record: usize, found: impl FnMut(u32, i32)) {
        self.meet(record, record as u32, found);
    }

    /// Every record that shares a key, once.
    fn visit_all(&mut self, record: usize, found: impl FnMut(u32, i32)) {
        self.meet(record, u32::MAX, found);
    }

    /// Every record before `end` that shares a key, once. Step by step over all of them: where
    /// one waits for memory, the processor asks for the next meanwhile.
    fn meet(&mut self, record: usize, end: u32, mut found: impl FnMut(u32, i32)) {
        let stamp = record as u32 + 1;
        let mut met = std::mem::take(&mut self.met);
        met.clear();
        for group in self.keys.of(record) {
            met.extend(group.iter().take_while(|other| **other < end));
        }
        let seen = &mut self.seen;
        met.retain(|other| {
            let before = std::mem::replace(&mut seen[*other as usize], stamp);
            before != stamp && *other as usize != record
        });
        if self.settings.only_across {
            met.retain(|other| self.may_meet(record, *other as usize));
        }
        let mut meeting = Meeting::default();
        self.rows.meeting(record, &mut meeting);
        self.lines.clear();
        let lines = met.iter().map(|other| self.rows.lines[*other as usize]);
        self.lines.extend(lines);
        for (other, line) in met.iter().zip(&self.lines) {
            found(*other, self.rows.bits(&meeting, line));
        }
        self.met = met;
    }

    fn may_meet(&self, one: usize, other: usize) -> bool {
        !self.settings.only_across || self.records.source[one] != self.records.source[other]
    }
}
