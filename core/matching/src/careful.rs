//! What is known of records before anything is learned, for tables too small to teach it.
//!
//! Weights add up as if fields agreed independently of each other. Boosted trees learn where they
//! do not; a few hundred records cannot teach that, and families, twins and office addresses are
//! then taken for one person. Here what everybody knows stands in for it: how many hold a value,
//! whether it changes, and whether a person has one alone (frequency, exclusivity and stability
//! of features, after Jonas, *Threat and Fraud Intelligence, Las Vegas Style*, 2006).

use std::collections::{BTreeMap, BTreeSet};

use crate::columns::{Kind, is_exclusive};
use crate::compare::levels::{EXACT, NONE, name};
use crate::compare::{Memo, NAME_SLOTS, Vector, compare};
use crate::dictionary::MISSING;
use crate::evidence::Pair;
use crate::fellegi_sunter::Weights;
use crate::layer::Seen;
use crate::records::Records;

/// Different names among the holders of an address or number that is no one person's.
const GENERIC_NAMES: usize = 5;
/// Most bits of two values that a person has one of and does not change.
const CONTRADICTION: f32 = -8.0;
/// Most bits of two given names that are no forms of each other, though somewhat alike.
const OTHER_GIVEN_NAME: f32 = -3.0;
/// A field whose values differ in more than this share of what seems to be one person is no ground
/// to part two. Birthdays: .04 to .09 in tables of real persons, .27 in one made with many slips.
const DIFFERS_MAX: f64 = 0.1;
/// Given names that a surname is seen with when it is a common one.
const COMMON_SURNAME: usize = 4;
/// Least bits of different places: people move.
const MOVED: f32 = -1.5;
/// Fewest bits, beside the name, that make two of one name one person.
const CORROBORATION: f32 = 2.0;
/// Most bits of two that have a name in common and nothing else.
const NAME_ALONE: f32 = -1.0;
/// A record that fits two who cannot be one fits neither, unless by this many bits better.
const CONTESTED: f32 = 3.0;
/// Most bits of two who cannot be one.
const APART: f32 = 0.0;
/// Least bits at which two groups are one.
const JOINED: f32 = 6.0;
/// Most groups that are joined, and records of a group looked at for that.
const JOIN_ROUNDS: usize = 1_000;
const GROUP_LOOKED_AT: usize = 12;
/// Neighbours of a record that are looked at for that, best first.
const NEIGHBOURS_MAX: usize = 8;

/// What is known of the fields of a table.
#[derive(Clone, Debug)]
pub struct Careful {
    /// Per field, the values that many hold.
    generic: Vec<Vec<bool>>,
    /// Per field, whether a person has one alone and keeps it.
    exclusive: Vec<bool>,
    /// Per field, whether it seldom differs where all else says that two are one.
    steady: Vec<bool>,
    /// Whether there is more than names to go by.
    corroborated: bool,
    /// Surnames that many families have, by word.
    common: Vec<bool>,
}

impl Careful {
    /// Looks at the fields and who holds their values.
    pub fn new(records: &Records, weights: &Weights) -> Self {
        let generic = (0..records.fields.len()).map(|field| generic(records, field));
        let tells = |record: usize| {
            let fields = records.fields.iter();
            fields
                .filter(|field| corroborates(field.kind))
                .any(|field| field.codes[record] != MISSING)
        };
        let from = if records.named { NAME_SLOTS } else { 0 };
        let telling = (0..records.len()).filter(|record| tells(*record)).count();
        Careful {
            generic: generic.collect(),
            exclusive: records
                .fields
                .iter()
                .map(|field| field.kind == Kind::Identifier && is_exclusive(&field.name))
                .collect(),
            steady: (from..weights.slots.len())
                .map(|slot| differs(weights, slot) <= DIFFERS_MAX)
                .collect(),
            common: common_surnames(records),
            corroborated: records.named && telling * 2 > records.len(),
        }
    }

    /// Bits of a pair.
    pub fn bits(&self, records: &Records, weights: &Weights, seen: &Seen) -> f32 {
        let (slots, rest) = self.parts(records, weights, seen.vector, seen.pair);
        weights.prior + slots.iter().sum::<f32>() + rest
    }

    /// Bits of each slot, and those that a name without more takes away.
    pub fn parts(
        &self,
        records: &Records,
        weights: &Weights,
        vector: Vector,
        pair: Pair,
    ) -> (Vec<f32>, f32) {
        let mut bits = weights.of_slots(records, vector, pair);
        let from = if records.named { NAME_SLOTS } else { 0 };
        let certain = self.shares_exclusive(records, vector, pair);
        for (field, bits) in bits[from..].iter_mut().enumerate() {
            let level = vector.level(from + field);
            if !certain {
                self.adjust(records, field, level, pair, bits);
            }
        }
        let named = |record: u32| {
            let name = &records.names[record as usize];
            name.given != MISSING && name.surname != MISSING
        };
        if named(pair.one) || named(pair.other) {
            one_place(records, &mut bits[from..]);
            if !certain && other_given_name(records, vector, pair) {
                bits[0] = bits[0].min(OTHER_GIVEN_NAME);
            }
        }
        let sum = weights.prior + bits.iter().sum::<f32>();
        let fields = records.fields.iter().zip(&bits[from..]);
        let told: f32 = fields
            .filter(|(field, bits)| corroborates(field.kind) && **bits > 0.0)
            .map(|(_, bits)| bits)
            .sum();
        let whole = vector.level(0) != NONE && vector.level(1) != NONE;
        let common = || self.common[records.names[pair.one as usize].surname as usize];
        let alone = self.corroborated && told < CORROBORATION && (!whole || common());
        let rest = if alone {
            (NAME_ALONE - sum).min(0.0)
        } else {
            0.0
        };
        (bits, rest)
    }

    fn adjust(&self, records: &Records, field: usize, level: u8, pair: Pair, bits: &mut f32) {
        let one = &records.fields[field];
        let codes = (one.codes[pair.one as usize], one.codes[pair.other as usize]);
        match one.kind {
            Kind::Email | Kind::Phone | Kind::Identifier
                if level == EXACT && self.is_generic(field, codes.0) =>
            {
                *bits = 0.0;
            }
            // An address made of the name says nothing that the name does not.
            Kind::Email if (2..=3).contains(&level) && of_name(records, field, pair) => {
                *bits = bits.min(0.0);
            }
            _ if self.contradicts(records, field, level) => *bits = bits.min(CONTRADICTION),
            _ => {}
        }
    }

    /// Whether two records have a number in common that one holder has alone.
    fn shares_exclusive(&self, records: &Records, vector: Vector, pair: Pair) -> bool {
        let from = if records.named { NAME_SLOTS } else { 0 };
        (0..records.fields.len()).any(|field| {
            let code = records.fields[field].codes[pair.one as usize];
            self.exclusive[field]
                && vector.level(from + field) == EXACT
                && !self.is_generic(field, code)
        })
    }

    fn is_generic(&self, field: usize, code: u32) -> bool {
        self.generic[field]
            .get(code as usize)
            .copied()
            .unwrap_or_default()
    }

    /// Whether a level of a field says that two are not one person.
    fn contradicts(&self, records: &Records, field: usize, level: u8) -> bool {
        self.steady[field]
            && level >= contradiction(records.fields[field].kind)
            && (records.fields[field].kind != Kind::Identifier || self.exclusive[field])
    }

    /// Whether two records cannot be one person.
    fn apart(&self, records: &Records, weights: &Weights, vector: Vector, pair: Pair) -> bool {
        let (bits, rest) = self.parts(records, weights, vector, pair);
        if weights.prior + bits.iter().sum::<f32>() + rest > APART {
            return false;
        }
        self.contradict(records, vector, pair)
    }

    /// Whether values of two records are never one person's.
    fn contradict(&self, records: &Records, vector: Vector, pair: Pair) -> bool {
        let from = if records.named { NAME_SLOTS } else { 0 };
        let fields = 0..records.fields.len();
        let mut levels = fields.map(|field| (field, vector.level(from + field)));
        if self.shares_exclusive(records, vector, pair) {
            return false;
        }
        let (one, other) = (pair.one as usize, pair.other as usize);
        let generations = (
            records.names[one].generation,
            records.names[other].generation,
        );
        levels.any(|(field, level)| self.contradicts(records, field, level))
            || generations.0 != 0 && generations.1 != 0 && generations.0 != generations.1
    }

    /// Joins groups that are one when all that is known of each is put together: a person who moved
    /// and married has records that share little, though each shares something with another.
    pub fn join_groups(
        &self,
        records: &Records,
        weights: &Weights,
        edges: &[(u32, u32, f32)],
        cluster: &mut [u32],
        vetoed: &dyn Fn(u32, u32) -> bool,
    ) {
        for _ in 0..JOIN_ROUNDS {
            let mut members = BTreeMap::<u32, Vec<u32>>::new();
            for (record, number) in (0u32..).zip(cluster.iter()) {
                members.entry(*number).or_default().push(record);
            }
            let mut near = BTreeSet::new();
            for (one, other, bits) in edges {
                let groups = (cluster[*one as usize], cluster[*other as usize]);
                if *bits >= 0.0 && groups.0 != groups.1 {
                    near.insert((groups.0.min(groups.1), groups.0.max(groups.1)));
                }
            }
            let mut best: Option<(f32, u32, u32)> = None;
            let mut memo = Memo::default();
            for (one, other) in near {
                let (one_side, other_side) = (&members[&one], &members[&other]);
                let is_vetoed = one_side
                    .iter()
                    .any(|a| other_side.iter().any(|b| vetoed(*a, *b)));
                if is_vetoed {
                    continue;
                }
                let bits = self.bits_of_groups(records, weights, &mut memo, one_side, other_side);
                if bits >= JOINED && best.is_none_or(|(most, ..)| bits > most) {
                    best = Some((bits, one, other));
                }
            }
            let Some((_, one, other)) = best else { return };
            for record in &members[&other] {
                cluster[*record as usize] = one;
            }
        }
    }

    /// Bits of two groups: of each slot the most over all pairs; none where a pair contradicts.
    fn bits_of_groups(
        &self,
        records: &Records,
        weights: &Weights,
        memo: &mut Memo,
        one: &[u32],
        other: &[u32],
    ) -> f32 {
        let mut most = vec![f32::NEG_INFINITY; weights.slots.len()];
        let mut rest = f32::NEG_INFINITY;
        for a in one.iter().take(GROUP_LOOKED_AT) {
            for b in other.iter().take(GROUP_LOOKED_AT) {
                let pair = Pair {
                    one: *a,
                    other: *b,
                    same_cluster: false,
                };
                let vector = compare(records, memo, *a, *b);
                if self.contradict(records, vector, pair) {
                    return f32::NEG_INFINITY;
                }
                let (bits, alone) = self.parts(records, weights, vector, pair);
                rest = rest.max(alone);
                for (slot, (most, bits)) in most.iter_mut().zip(bits).enumerate() {
                    if vector.level(slot) != NONE {
                        *most = most.max(bits);
                    }
                }
            }
        }
        weights.prior + rest + most.iter().filter(|bits| bits.is_finite()).sum::<f32>()
    }

    /// A record that fits two persons nearly as well belongs to neither.
    pub fn part_contested(
        &self,
        records: &Records,
        weights: &Weights,
        edges: &mut [(u32, u32, f32)],
    ) {
        let mut neighbours: Vec<Vec<(f32, u32, usize)>> = vec![Vec::new(); records.len()];
        for (at, (one, other, bits)) in edges.iter().enumerate() {
            if *bits >= 0.0 {
                neighbours[*one as usize].push((*bits, *other, at));
                neighbours[*other as usize].push((*bits, *one, at));
            }
        }
        let mut memo = Memo::default();
        let mut contested = BTreeSet::new();
        for of_one in &mut neighbours {
            of_one.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
            of_one.truncate(NEIGHBOURS_MAX);
            for (place, (bits, one, at)) in of_one.iter().enumerate() {
                for (bits_other, other, at_other) in &of_one[place + 1..] {
                    let pair = Pair {
                        one: *one,
                        other: *other,
                        same_cluster: false,
                    };
                    let vector = compare(records, &mut memo, *one, *other);
                    if bits - bits_other < CONTESTED && self.apart(records, weights, vector, pair) {
                        contested.extend([*at, *at_other]);
                    }
                }
            }
        }
        for at in contested {
            edges[at].2 = edges[at].2.min(NAME_ALONE);
        }
    }
}

/// Whether a value of this kind says that two of one name are one person.
fn corroborates(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::BirthDate
            | Kind::Email
            | Kind::Phone
            | Kind::Postcode
            | Kind::Address
            | Kind::Identifier
            | Kind::Organisation
    )
}

/// The first level of a kind that says that two are not one person.
fn contradiction(kind: Kind) -> u8 {
    match kind {
        Kind::BirthDate => 6,
        Kind::Identifier => 3,
        Kind::Gender => 2,
        _ => u8::MAX,
    }
}

/// How often a slot's values contradict each other among what is taken for one person.
fn differs(weights: &Weights, slot: usize) -> f64 {
    let first = usize::from(contradiction(weights.slots[slot].kind)).min(16);
    weights.m[slot][first..].iter().sum()
}

/// Surnames that are seen with many given names, by word.
fn common_surnames(records: &Records) -> Vec<bool> {
    let mut common = vec![false; records.words.texts.len()];
    let names = records.names.iter().filter(|name| name.given != MISSING);
    let mut pairs: Vec<(u32, u32)> = names.map(|name| (name.surname, name.given)).collect();
    pairs.sort_unstable();
    pairs.dedup();
    for of_one in pairs.chunk_by(|one, other| one.0 == other.0) {
        common[of_one[0].0 as usize] = of_one.len() >= COMMON_SURNAME;
    }
    common
}

/// The values of a field that persons of many names hold.
fn generic(records: &Records, field: usize) -> Vec<bool> {
    let field = &records.fields[field];
    let mut generic = vec![false; field.texts.len()];
    if !matches!(field.kind, Kind::Email | Kind::Phone | Kind::Identifier) {
        return generic;
    }
    let mut held: Vec<(u32, u32, u32)> = field
        .codes
        .iter()
        .zip(&records.names)
        .filter(|(code, name)| **code != MISSING && name.given != MISSING)
        .map(|(code, name)| (*code, name.given, name.surname))
        .collect();
    held.sort_unstable();
    held.dedup();
    for holders in held.chunk_by(|one, other| one.0 == other.0) {
        generic[holders[0].0 as usize] = holders.len() >= GENERIC_NAMES;
    }
    generic
}

/// Street, town, region and postcode are one place: the strongest of them counts alone.
fn one_place(records: &Records, bits: &mut [f32]) {
    let is_place = |kind: Kind| {
        matches!(
            kind,
            Kind::Address | Kind::StreetNumber | Kind::City | Kind::Region | Kind::Postcode
        )
    };
    let places = || {
        let fields = records.fields.iter().enumerate();
        fields
            .filter(|(_, field)| is_place(field.kind))
            .map(|(at, _)| at)
    };
    let strongest = |one: &usize, other: &usize| bits[*one].total_cmp(&bits[*other]);
    let Some(most) = places().max_by(strongest) else {
        return;
    };
    let least = places().min_by(strongest).unwrap_or(most);
    let kept = if bits[most] > 0.0 { most } else { least };
    let worth = bits[kept].max(MOVED);
    for at in places() {
        bits[at] = 0.0;
    }
    bits[kept] = worth;
}

/// Whether both have a full given name and the two are no forms of each other.
fn other_given_name(records: &Records, vector: Vector, pair: Pair) -> bool {
    let length = |record: u32| {
        let given = records.names[record as usize].given;
        records.words.texts.text(given).len()
    };
    vector.level(0) >= name::LOOSE && length(pair.one).min(length(pair.other)) > 1
}

/// Whether what is before the @ has a word of the name in it.
fn of_name(records: &Records, field: usize, pair: Pair) -> bool {
    let field = &records.fields[field];
    let holds = |record: u32| {
        let email = field.texts.text(field.codes[record as usize]);
        let local = email.split('@').next().unwrap_or_default();
        let name = &records.names[record as usize];
        [name.given, name.surname].into_iter().any(|word| {
            let word = records.words.texts.text(word);
            word.len() >= 3 && local.contains(word)
        })
    };
    holds(pair.one) && holds(pair.other)
}
