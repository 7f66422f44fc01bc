//! Which offers a placement shows: those that nothing speaks against, the highest first, equals by
//! lot.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use kith_base::{Random, Timestamp, limits};
use kith_definition::OfferKind;

use crate::arbitration::{Policy, Refined, Terms, term};
use crate::placements::{CompiledOffer, CompiledPlacement};
use crate::session::{Filled, Session};
use crate::{Choice, ChoiceKind, Closed, Drawing, LoserCode, Standing};

mod lottery;
mod told;

pub(crate) use lottery::Luck;
use lottery::Ticket;
use told::{out_of_question, outdone, rank_words};

/// Who goes first, whatever the numbers say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Tier {
    Promotion,
    /// The person was granted it before.
    Held,
    Service,
    Mandatory,
}

/// An offer that may be shown.
struct Ranked {
    /// Index among all offers.
    offer: usize,
    tier: Tier,
    score: f64,
    /// Drawn from the seed; the lowest wins among equals.
    lot: u64,
    terms: Option<Box<Terms>>,
    /// What a reward is worth where offers are drawn.
    worth: f64,
    /// It was asked for in this decision and could not be granted.
    refused: Option<Closed>,
    ticket: Option<Ticket>,
}

/// What spoke against an offer, with what a sentence about it needs.
enum Against {
    Schedule,
    /// Index of a rule.
    Never(usize),
    Silenced(usize),
    Eligibility(usize),
    Applicability(usize),
    Suitability(usize),
    Limit(Closed),
    Floor(String),
    Weak(Option<f64>, f64, Box<Terms>),
}

impl Against {
    fn code(&self) -> LoserCode {
        match self {
            Against::Schedule => LoserCode::NotScheduled,
            Against::Never(_) => LoserCode::Excluded,
            Against::Silenced(_) => LoserCode::Silenced,
            Against::Eligibility(_) => LoserCode::NotEligible,
            Against::Applicability(_) => LoserCode::NotApplicable,
            Against::Suitability(_) => LoserCode::NotSuitable,
            Against::Limit(_) => LoserCode::LimitReached,
            Against::Floor(_) => LoserCode::BelowFloor,
            Against::Weak(..) => LoserCode::NotRelevant,
        }
    }
}

/// Filling one placement, from its offers and perhaps from those it falls back on.
pub(crate) struct Filling<'s, 'a> {
    pub session: &'s mut Session<'a>,
    first: &'s CompiledPlacement,
    luck: Luck<'s>,
    standing: &'s BTreeMap<String, Standing>,
    /// Those of the placements so far: they hold in every fallback too.
    policies: Vec<&'a Policy>,
    /// The name of the placement fallen back on.
    from: Option<&'a str>,
    ranked: Vec<Ranked>,
    /// Those that would be drawn if they could be granted.
    fallen: Vec<Ranked>,
    others: Vec<(usize, Against)>,
    /// What was considered in an earlier placement.
    seen: BTreeSet<usize>,
}

impl<'s, 'a> Filling<'s, 'a> {
    pub fn new(
        session: &'s mut Session<'a>,
        first: &'s CompiledPlacement,
        luck: Luck<'s>,
        standing: &'s BTreeMap<String, Standing>,
    ) -> Self {
        Filling {
            session,
            first,
            luck,
            standing,
            policies: Vec::new(),
            from: None,
            ranked: Vec::new(),
            fallen: Vec::new(),
            others: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.ranked.is_empty()
    }

    /// Considers every offer of a placement.
    pub fn consider(&mut self, placement: &'a CompiledPlacement) {
        if !std::ptr::eq(placement, self.first) {
            self.seen
                .extend(self.others.iter().map(|(index, _)| *index));
            self.from = Some(&placement.definition.id);
        }
        let own = placement.policy.as_deref();
        self.policies.extend(own);
        for index in &placement.offers {
            if self.seen.contains(index) {
                continue;
            }
            match self.judge(*index, own) {
                Ok(ranked) => match ranked.refused {
                    None => self.ranked.push(ranked),
                    Some(closed) => {
                        self.fallen.push(ranked);
                        self.others.push((*index, Against::Limit(closed)));
                    }
                },
                Err(against) => self.others.push((*index, against)),
            }
        }
    }

    /// One offer through all steps.
    fn judge(&mut self, index: usize, own: Option<&'a Policy>) -> Result<Ranked, Against> {
        let placements = self.session.placements;
        let offer = &placements.offers[index];
        let refined = offer.refined.as_deref();
        if !is_scheduled(offer, self.session.slots.now()) {
            return Err(Against::Schedule);
        }
        if let Some(rule) = refined.and_then(|refined| refined.never)
            && self.session.holds(rule)
        {
            return Err(Against::Never(rule));
        }
        let promotion = offer.kind == OfferKind::Promotion;
        if promotion {
            let silences = self.policies.iter().filter_map(|policy| policy.silence);
            for rule in silences.collect::<Vec<_>>() {
                if self.session.holds(rule) {
                    return Err(Against::Silenced(rule));
                }
            }
        }
        let standing = offer.limited.then(|| self.standing.get(&*offer.id));
        let held = match standing {
            Some(Some(Standing::Held(grant))) => Some(grant),
            _ => None,
        };
        // One granted for this very decision was judged and ranked before, and is so again.
        let kept = held.is_some_and(|grant| !grant.new);
        let mut refused = None;
        if !kept {
            self.layers(offer, refined)?;
            match standing {
                None | Some(Some(Standing::Open | Standing::Held(_))) => {}
                Some(Some(Standing::Closed(closed))) => return Err(Against::Limit(*closed)),
                Some(Some(Standing::Refused(closed))) if promotion => refused = Some(*closed),
                Some(Some(Standing::Refused(closed))) => return Err(Against::Limit(*closed)),
                Some(None) => return Err(Against::Limit(Closed::NotAsked)),
            }
        }
        let (score, terms, worth) = self.score(index, own)?;
        if promotion {
            self.floors(offer, refined, &terms)?;
        }
        if promotion && !kept {
            self.relevance(score, &terms)?;
        }
        let tier = match offer.kind {
            OfferKind::Mandatory => Tier::Mandatory,
            OfferKind::Service => Tier::Service,
            OfferKind::Promotion if kept => Tier::Held,
            OfferKind::Promotion => Tier::Promotion,
        };
        let tells = refined.is_some() || own.is_some();
        Ok(Ranked {
            offer: index,
            tier,
            score,
            lot: Random::new(self.luck.seed ^ offer.lot).next_u64(),
            terms: tells.then(|| Box::new(terms)),
            worth,
            refused,
            ticket: None,
        })
    }

    /// Eligibility, applicability, suitability.
    fn layers(&mut self, offer: &CompiledOffer, refined: Option<&Refined>) -> Result<(), Against> {
        if let Some(rule) = offer.rule
            && !self.session.holds(rule)
        {
            return Err(Against::Eligibility(rule));
        }
        let Some(refined) = refined else {
            return Ok(());
        };
        if let Some(rule) = refined.applicable
            && !self.session.holds(rule)
        {
            return Err(Against::Applicability(rule));
        }
        if let Some(rule) = refined.suitable
            && !self.session.holds(rule)
        {
            return Err(Against::Suitability(rule));
        }
        Ok(())
    }

    /// What it is ranked by, what that was made of, and what a reward is worth where it is learned
    /// which offer works: the order given by hand does not count there, the placement's lever does.
    fn score(&mut self, index: usize, own: Option<&Policy>) -> Result<(f64, Terms, f64), Against> {
        let offer = &self.session.placements.offers[index];
        let refined = offer.refined.as_deref();
        let mut terms = Terms {
            propensity: refined.map_or(1.0, |refined| refined.propensity),
            context: 1.0,
            value: refined.map_or(1.0, |refined| refined.value),
            lever: f64::from(offer.priority),
        };
        for (rule, weight) in refined.iter().flat_map(|refined| &refined.context) {
            if self.session.holds(*rule) {
                terms.context *= weight;
            }
        }
        let worth = terms.context * terms.value;
        let Some(policy) = own else {
            return Ok((terms.product(), terms, worth));
        };
        let lever = policy.levers.get(&index).copied().unwrap_or(1.0);
        terms.lever *= lever;
        let worth = worth * lever;
        let score = match &policy.formula {
            None => Some(terms.product()),
            Some(formula) => {
                let term = |name: &str| term(&terms, refined, name);
                formula.value(&self.session.slots, &term)
            }
        };
        match score {
            Some(score) => Ok((score, terms, worth)),
            // Nothing is known that speaks for it; what must be said comes last among its kind.
            None if offer.kind != OfferKind::Promotion => Ok((f64::MIN, terms, worth)),
            None => Err(Against::Weak(None, 0.0, Box::new(terms))),
        }
    }

    fn floors(
        &self,
        offer: &CompiledOffer,
        refined: Option<&Refined>,
        terms: &Terms,
    ) -> Result<(), Against> {
        debug_assert_eq!(offer.kind, OfferKind::Promotion);
        let term = |name: &str| term(terms, refined, name);
        let mut floors = self.policies.iter().flat_map(|policy| &policy.floors);
        match floors.find_map(|floor| floor.broken(&self.session.slots, &term)) {
            Some(broken) => Err(Against::Floor(broken)),
            None => Ok(()),
        }
    }

    fn relevance(&self, score: f64, terms: &Terms) -> Result<(), Against> {
        let thresholds = self
            .policies
            .iter()
            .filter_map(|policy| policy.silence_below);
        match thresholds.reduce(f64::max) {
            Some(least) if score < least => {
                Err(Against::Weak(Some(score), least, Box::new(*terms)))
            }
            _ => Ok(()),
        }
    }

    /// Ranks those that are left, or draws from them in a placement that learns.
    pub fn finish(mut self) -> (Filled, Option<Box<Drawing>>) {
        self.ranked.sort_by(|a, b| {
            let by_score = b.score.total_cmp(&a.score);
            let by_tier = b.tier.cmp(&a.tier);
            by_tier
                .then(by_score)
                .then((a.lot, a.offer).cmp(&(b.lot, b.offer)))
        });
        let drawing = self.draw();
        let ranked = std::mem::take(&mut self.ranked);
        let shown = self.first.definition.spec.limit.min(ranked.len());
        let choices = (0..shown)
            .map(|place| self.choice(&ranked, place, shown, drawing.as_deref()))
            .collect();
        let count = ranked.len() - shown + self.others.len();
        let room = limits::LOSERS_PER_DECISION_MAX;
        let mut losers = Vec::with_capacity(room.min(count));
        let all = self.session.placements;
        for beaten in ranked[shown..].iter().take(room) {
            losers.push(outdone(all, &ranked, beaten, shown, drawing.as_deref()));
        }
        for (index, against) in self.others.iter().take(room - losers.len()) {
            losers.push(out_of_question(self.session, *index, against));
        }
        let wanted = ranked[..shown].iter().map(|one| &all.offers[one.offer]);
        let open = |offer: &&CompiledOffer| {
            offer.limited && self.standing.get(&*offer.id) == Some(&Standing::Open)
        };
        let filled = Filled {
            losers_cut: count - losers.len(),
            wanted: wanted
                .filter(open)
                .map(|offer| Arc::clone(&offer.id))
                .collect(),
            choices,
            losers,
            nothing: "Shown because no offer is eligible",
            as_it_came: false,
        };
        (filled, drawing)
    }

    fn choice(
        &mut self,
        ranked: &[Ranked],
        place: usize,
        shown: usize,
        drawing: Option<&Drawing>,
    ) -> Choice {
        let one = &ranked[place];
        let offer = &self.session.placements.offers[one.offer];
        let standing = offer
            .limited
            .then(|| self.standing.get(&*offer.id))
            .flatten();
        let grant = match standing {
            Some(Standing::Held(grant)) => Some(grant),
            _ => None,
        };
        let drawn = one.ticket.and_then(|ticket| Some((ticket, ticket.drawn?)));
        let (propensity, rank) = match (drawn, drawing) {
            (Some((ticket, share)), Some(drawing)) => {
                (share, drawing.words(ticket.place, share).into())
            }
            _ => {
                let (tied, places) = tied(ranked, place, shown);
                let propensity = places as f64 / tied as f64;
                (propensity, rank_words(ranked, place, (tied, places)))
            }
        };
        let eligibility: Arc<str> = match (grant, offer.rule) {
            (Some(grant), _) if !grant.new => {
                let (since, until) = (grant.granted_at, grant.expires_at);
                format!("It was granted to them at {since} and is theirs until {until}").into()
            }
            (_, Some(rule)) => self.session.reason(rule),
            (_, None) => "It is for everybody".into(),
        };
        let mut reasons = vec![eligibility, rank];
        reasons.extend(self.from.map(|from| {
            let own = &self.first.definition.id;
            Arc::from(format!("From {from}, since {own} has nothing to show"))
        }));
        Choice {
            kind: ChoiceKind::Offer,
            id: offer.id.to_string(),
            content: offer.content.clone(),
            score: one.score,
            propensity,
            reasons,
            terms: one.terms.clone(),
            granted: grant.map(|grant| Box::new(grant.into())),
        }
    }
}

fn is_scheduled(offer: &CompiledOffer, now: Timestamp) -> bool {
    offer.starts_at.is_none_or(|starts| starts <= now)
        && offer.ends_at.is_none_or(|ends| now < ends)
}

/// Compares by what comes before the lot.
fn rank_key(one: &Ranked) -> (Reverse<Tier>, Reverse<u64>) {
    // A number whose order is that of the floats.
    let bits = one.score.to_bits();
    let ordered = if bits >> 63 == 1 {
        !bits
    } else {
        bits | 1 << 63
    };
    (Reverse(one.tier), Reverse(ordered))
}

/// How many are ranked as `ranked[place]`, and how many of these are shown.
fn tied(ranked: &[Ranked], place: usize, shown: usize) -> (usize, usize) {
    let key = rank_key(&ranked[place]);
    let first = ranked.partition_point(|one| rank_key(one) < key);
    let end = ranked.partition_point(|one| rank_key(one) <= key);
    (end - first, shown.min(end).saturating_sub(first))
}
