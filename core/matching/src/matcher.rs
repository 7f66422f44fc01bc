//! The whole of it: from a table to pairs with probabilities and to clusters.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::block::{self, Pairs};
use crate::calibrate::{Calibration, Observation};
use crate::careful::Careful;
use crate::cluster::{Linkage, VETO, average_linkage};
use crate::collective;
use crate::columns::{Kind, Plan};
use crate::compare::Comparator;
use crate::dictionary::{hash, mix};
use crate::evidence::{Evidence, Pair};
use crate::fellegi_sunter::{Weights, patterns_of, probability};
use crate::layer::{Layer, Seen};
use crate::patterns::Patterns;
use crate::records::Records;
use crate::table::Table;

/// Up to this many records every pair is judged.
const ALL_PAIRS_RECORDS_MAX: usize = 1_500;
/// Bits of a pair that was not met, and of any below it.
pub(crate) const UNMET: f32 = -6.0;
/// Most bits that one pair has in an average.
const MOST: f32 = 20.0;
/// Pairs with less are not looked at by the learned layer: they stay apart.
pub(crate) const LOOKED_AT_MIN: f32 = -7.0;
/// Up to so many matches what is expected of them outweighs what is seen, and what is known
/// without learning counts.
const CAREFUL_MATCHES_MAX: usize = 300;
/// Pairs with less are not looked at then: one shared number may outweigh a lot.
const CAREFUL_LOOKED_AT_MIN: f32 = -20.0;
/// Clusters that teach the layer, or that are the last for want of one, join at this average.
const FIRST_LEAST: f32 = 0.0;
/// The last join at this: the layer's teachers leave out about one true pair in ten, so that what
/// it says is too low by about two bits. Historical persons, B-cubed and closure F1 by least bits:
/// 0 .930 .922, -1 .946 .939, -2 .954 .948, -3 .950 .940.
const LAST_LEAST: f32 = -2.0;
/// Rounds in which the clusters that the layer finds teach the next one, and up to how many
/// records it is done: with few, the first clusters are poor teachers. B-cubed F1 of 1,000 records
/// after 0, 1 and 2 rounds .970 .975 .976, of 50,000 .949 .951 .951.
const TAUGHT_AGAIN: usize = 2;
const TAUGHT_AGAIN_RECORDS_MAX: usize = 20_000;
/// Pairs that calibration looks at.
const CALIBRATED_PAIRS: usize = 50_000;

/// What can be set.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Only pairs of different files.
    pub only_across: bool,
    /// Pairs compared per record, on average; `None` chooses by the number of records.
    pub pairs_per_record: Option<u32>,
    /// Fields of which two different values mean two persons.
    pub vetoes: Vec<String>,
    /// Kinds of columns that are not guessed.
    pub kinds: BTreeMap<String, Kind>,
    /// The probability above which groups are one.
    pub threshold: f32,
}

impl Default for Settings {
    fn default() -> Self {
        Settings {
            only_across: false,
            pairs_per_record: None,
            vetoes: Vec::new(),
            kinds: BTreeMap::new(),
            threshold: 0.5,
        }
    }
}

/// What was learned, apart from the records it was learned from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Learned {
    /// Weights of levels.
    pub weights: Weights,
    /// The boosted layer, when there was enough to learn it from.
    pub layer: Option<Layer>,
    /// From bits to probabilities.
    pub calibration: Option<Calibration>,
}

/// One pair of rows of the table.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Match {
    /// The later row.
    pub one: u32,
    /// The earlier row.
    pub other: u32,
    /// Bits for a match.
    pub bits: f32,
    /// The probability that both are one.
    pub probability: f32,
}

/// Matches one table, step by step: [`Matcher::new`] meets, [`fit`](Matcher::fit) learns,
/// [`predict`](Matcher::predict) judges, [`cluster`](Matcher::cluster) divides.
pub struct Matcher {
    /// What the columns are taken for.
    pub plan: Plan,
    /// The records, in an order that follows from what they hold.
    pub records: Records,
    /// The row of each record.
    pub order: Vec<u32>,
    settings: Settings,
    pairs: Pairs,
    /// The number of pairs met.
    pub met: usize,
    vetoed: Vec<usize>,
}

/// Weights with the pairs as first judged.
pub struct Fitted {
    /// What was learned.
    pub learned: Learned,
    /// What the first clusters say about values.
    pub evidence: Evidence,
    /// What is known without learning, when there was too little to learn from.
    pub(crate) careful: Option<Careful>,
    first: Vec<Seen>,
}

impl Fitted {
    /// A pair as first judged.
    pub(crate) fn seen(&self, one: u32, other: u32) -> Option<Seen> {
        let key = |seen: &Seen| (seen.pair.one, seen.pair.other);
        let at = self.first.partition_point(|seen| seen.pair.one < one);
        let of_one = self.first[at..]
            .iter()
            .take_while(|seen| seen.pair.one == one);
        of_one.copied().find(|seen| key(seen) == (one, other))
    }
}

/// Pairs after the last judgement.
pub struct Judged {
    /// Pairs with bits of their own.
    pub edges: Vec<(u32, u32, f32)>,
}

impl Matcher {
    /// Brings the records into form and finds the pairs to compare.
    pub fn new(table: &Table, settings: Settings) -> Self {
        let plan = Plan::new(table, &settings.kinds);
        let order = order(table, &plan);
        let records = Records::new(table, &plan, &order);
        let per_record = settings.pairs_per_record.unwrap_or(match records.len() {
            0..20_000 => 20,
            20_000..200_000 => 14,
            _ => 10,
        });
        // Of half a million records, more are met by keys that are too common to tell.
        let met_per_record = match records.len() {
            0..200_000 => per_record * 5 / 2,
            _ => per_record * 3 / 2,
        };
        let blocking = block::Settings {
            pairs_per_record: per_record,
            met_per_record,
            only_across: settings.only_across,
        };
        let pairs = block::pairs(&records, blocking);
        let vetoed = |name: &String| {
            records
                .fields
                .iter()
                .position(|field| field.name.eq_ignore_ascii_case(name))
        };
        let vetoed = settings.vetoes.iter().filter_map(vetoed).collect();
        let met = pairs.pairs.len();
        Matcher {
            plan,
            records,
            order,
            settings,
            pairs,
            met,
            vetoed,
        }
    }

    /// The pairs met, as rows of the table.
    pub fn met_rows(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let row = |record: u32| self.order[record as usize];
        self.pairs
            .pairs
            .iter()
            .map(move |(one, other)| (row(*one), row(*other)))
    }

    /// Learns the weights.
    pub fn fit(&mut self) -> Fitted {
        let mut comparator = Comparator::new(&self.records);
        let (mut patterns, mut numbers) = patterns_of(&mut comparator, &self.pairs);
        let across = self.settings.only_across;
        let weights = Weights::learn(&self.records, &patterns, &mut comparator, across);
        if self.records.len() <= ALL_PAIRS_RECORDS_MAX {
            self.pairs = block::every(&self.records, across);
            self.met = self.pairs.pairs.len();
            (patterns, numbers) = patterns_of(&mut comparator, &self.pairs);
        }
        let mut first = self.judge_first(&weights, (&patterns, &numbers), LOOKED_AT_MIN);
        let judged: Vec<(u32, u32, f32)> = first
            .iter()
            .map(|seen| (seen.pair.one, seen.pair.other, seen.bits))
            .collect();
        let cluster = self.mark(&mut first, judged.into_iter(), FIRST_LEAST);
        let mut evidence = Evidence::learn(&self.records, &cluster);
        let mut layer = Layer::learn(&self.records, &weights, &evidence, &first);
        let rounds = if self.records.len() <= TAUGHT_AGAIN_RECORDS_MAX {
            TAUGHT_AGAIN
        } else {
            0
        };
        for _ in 0..rounds {
            let Some(known) = &layer else { break };
            let fitted = (&weights, &evidence);
            let mut row = Vec::new();
            let judged: Vec<(u32, u32, f32)> = first
                .iter()
                .map(|seen| {
                    let bits = known.bits(&self.records, fitted, seen, &mut row);
                    (seen.pair.one, seen.pair.other, bits)
                })
                .collect();
            let cluster = self.mark(&mut first, judged.into_iter(), LAST_LEAST);
            evidence = Evidence::learn(&self.records, &cluster);
            layer = Layer::learn(&self.records, &weights, &evidence, &first);
        }
        let matches = first.iter().filter(|seen| seen.pair.same_cluster).count();
        let careful = (layer.is_none() && matches < CAREFUL_MATCHES_MAX)
            .then(|| Careful::new(&self.records, &weights));
        if careful.is_some() && self.records.len() <= ALL_PAIRS_RECORDS_MAX {
            first = self.judge_first(&weights, (&patterns, &numbers), CAREFUL_LOOKED_AT_MIN);
        }
        let learned = Learned {
            weights,
            layer,
            calibration: None,
        };
        Fitted {
            learned,
            evidence,
            careful,
            first,
        }
    }

    /// Links the pairs judged and marks those that are in one cluster.
    fn mark(
        &self,
        pairs: &mut [Seen],
        judged: impl Iterator<Item = (u32, u32, f32)>,
        least: f32,
    ) -> Vec<u32> {
        let cluster = self.linked(judged, least);
        for seen in pairs {
            let Pair { one, other, .. } = seen.pair;
            seen.pair.same_cluster = cluster[one as usize] == cluster[other as usize];
        }
        cluster
    }

    /// Fellegi and Sunter's bits of the pairs that may be matches.
    fn judge_first(
        &self,
        weights: &Weights,
        (patterns, numbers): (&Patterns, &[u32]),
        least: f32,
    ) -> Vec<Seen> {
        let of_vectors: Vec<f32> = patterns
            .iter()
            .map(|(vector, _)| weights.of_vector(vector))
            .collect();
        let mut first = Vec::new();
        for ((one, other), number) in self.pairs.pairs.iter().zip(numbers) {
            let vector = patterns.vector(*number);
            let base = of_vectors[*number as usize];
            let bits = base + weights.rarity_of_pair(&self.records, vector, *one, *other);
            if bits > least {
                let pair = Pair {
                    one: *one,
                    other: *other,
                    same_cluster: false,
                };
                first.push(Seen { pair, vector, bits });
            }
        }
        first
    }

    /// The bits of every pair that may be a match.
    pub fn predict(&self, fitted: &Fitted) -> Judged {
        let mut row = Vec::new();
        let learned = &fitted.learned;
        let judge = |seen: &Seen| {
            let bits = match &learned.layer {
                Some(layer) => {
                    let fitted = (&learned.weights, &fitted.evidence);
                    layer.bits(&self.records, fitted, seen, &mut row)
                }
                None => match &fitted.careful {
                    Some(careful) => careful.bits(&self.records, &learned.weights, seen),
                    None => seen.bits,
                },
            };
            (seen.pair.one, seen.pair.other, bits)
        };
        let mut edges: Vec<(u32, u32, f32)> = fitted.first.iter().map(judge).collect();
        if let Some(careful) = &fitted.careful {
            careful.part_contested(&self.records, &learned.weights, &mut edges);
        }
        Judged { edges }
    }

    /// The cluster of each row, by its first row, and the pairs with what their companions say.
    pub fn cluster(&self, fitted: &mut Fitted, judged: &Judged) -> (Vec<u32>, Vec<Match>) {
        let trained = fitted.learned.layer.is_some();
        let least = if trained { LAST_LEAST } else { FIRST_LEAST };
        let wanted = (self.settings.threshold / (1.0 - self.settings.threshold)).log2();
        let mut cluster = self.linked(
            judged.edges.iter().copied(),
            least + wanted.clamp(-20.0, 20.0),
        );
        if let Some(careful) = &fitted.careful {
            let (records, weights) = (&self.records, &fitted.learned.weights);
            let vetoed = |one, other| self.is_vetoed(one, other);
            careful.join_groups(records, weights, &judged.edges, &mut cluster, &vetoed);
        }
        let bits = collective::bits(&judged.edges, &cluster, UNMET, MOST);
        let calibration = calibrate(&judged.edges, &bits, &cluster);
        let mut matches = Vec::with_capacity(bits.len());
        for ((one, other, own), bits) in judged.edges.iter().zip(bits) {
            let known = calibration.as_ref().map(|known| known.probability(bits));
            // What was learned from few pairs is not surer than the pair's own bits.
            let likely = known.unwrap_or(1.0).min(surest(bits.min(*own), trained));
            let (bits, probability) = if self.is_vetoed(*one, *other) {
                (bits.min(UNMET), 0.0)
            } else {
                (bits, likely)
            };
            let (one, other) = (self.order[*one as usize], self.order[*other as usize]);
            matches.push(Match {
                one: one.max(other),
                other: one.min(other),
                bits,
                probability,
            });
        }
        fitted.learned.calibration = calibration;
        (self.rows_of(&cluster), matches)
    }

    fn rows_of(&self, cluster: &[u32]) -> Vec<u32> {
        let mut first = vec![u32::MAX; cluster.len()];
        for (record, number) in cluster.iter().enumerate() {
            let row = self.order[record];
            first[*number as usize] = first[*number as usize].min(row);
        }
        let mut of_rows = vec![0; cluster.len()];
        for (record, number) in cluster.iter().enumerate() {
            of_rows[self.order[record] as usize] = first[*number as usize];
        }
        of_rows
    }

    fn linked(&self, edges: impl Iterator<Item = (u32, u32, f32)>, least: f32) -> Vec<u32> {
        let linkage = Linkage {
            unmet: UNMET,
            most: MOST,
            least,
        };
        let guarded = edges.map(|(one, other, bits)| {
            let bits = if self.is_vetoed(one, other) {
                VETO
            } else {
                bits
            };
            (one, other, bits)
        });
        average_linkage(
            self.records.len(),
            guarded.filter(|edge| edge.2 > UNMET || edge.2 == VETO),
            linkage,
        )
    }

    /// Whether two records cannot be one: junior and senior, or a field that says so.
    pub(crate) fn is_vetoed(&self, one: u32, other: u32) -> bool {
        let (one, other) = (one as usize, other as usize);
        let generation = |record: usize| self.records.names[record].generation;
        let (a, b) = (generation(one), generation(other));
        let differs = |field: &usize| {
            let codes = &self.records.fields[*field].codes;
            codes[one] != 0 && codes[other] != 0 && codes[one] != codes[other]
        };
        a != 0 && b != 0 && a != b || self.vetoed.iter().any(differs)
    }
}

/// The highest probability that bits allow. What few records teach is less sure than it looks: of
/// 159 records of persons and firms, pairs with 4.3 bits or more are right in 88 of 100.
pub(crate) fn surest(bits: f32, trained: bool) -> f32 {
    if trained {
        1.0
    } else {
        probability(bits * 0.6) as f32
    }
}

/// Probabilities by how often pairs with such bits ended in one cluster.
fn calibrate(edges: &[(u32, u32, f32)], bits: &[f32], cluster: &[u32]) -> Option<Calibration> {
    let step = edges.len().div_ceil(CALIBRATED_PAIRS).max(1);
    let observe = |((one, other, _), bits): (&(u32, u32, f32), &f32)| Observation {
        score: *bits,
        outcome: f32::from(u8::from(cluster[*one as usize] == cluster[*other as usize])),
        weight: 1.0,
    };
    let seen: Vec<Observation> = edges.iter().zip(bits).step_by(step).map(observe).collect();
    Calibration::fit(&seen)
}

/// Rows in an order that follows from what they hold, so that nothing depends on how they came.
/// Records of one person come near each other, which spares the processor waiting for memory.
fn order(table: &Table, plan: &Plan) -> Vec<u32> {
    let mut columns: Vec<usize> = (0..table.columns.len()).collect();
    columns.sort_by(|one, other| table.columns[*one].name.cmp(&table.columns[*other].name));
    let mut keys = vec![(0u64, 0u64); table.rows()];
    let hashes = |at: usize| -> Vec<u64> {
        let texts = &table.columns[at].texts;
        (0..texts.len() as u32)
            .map(|code| hash(texts.text(code).as_bytes()))
            .collect()
    };
    for at in columns {
        let hashes = hashes(at);
        for (row, key) in keys.iter_mut().enumerate() {
            key.1 = mix(key.1, hashes[table.columns[at].code(row) as usize]);
        }
    }
    for at in near(plan) {
        let hashes = hashes(at);
        for (row, key) in keys.iter_mut().enumerate() {
            let code = table.columns[at].code(row);
            if code != 0 && key.0 == 0 {
                key.0 = hashes[code as usize];
            }
        }
    }
    let mut order: Vec<u32> = (0..table.rows() as u32).collect();
    order.sort_unstable_by_key(|row| (keys[*row as usize], *row));
    order
}

/// Columns that records of one person agree on, the surest first: the first that a record has
/// counts.
fn near(plan: &Plan) -> impl Iterator<Item = usize> + '_ {
    const KINDS: [Kind; 5] = [
        Kind::BirthDate,
        Kind::Email,
        Kind::Phone,
        Kind::Identifier,
        Kind::Postcode,
    ];
    let fields = KINDS
        .into_iter()
        .flat_map(|kind| plan.fields.iter().filter(move |field| field.kind == kind));
    let surnames = plan.names.iter().rev().map(|(column, _)| *column);
    fields
        .flat_map(|field| field.columns.iter().copied())
        .chain(surnames)
}
