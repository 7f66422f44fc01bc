//! What visitors truly like: how probable it is that they follow what they are shown. Kith is not
//! told; it has to find out from clicks.

use super::persona::Visit;

/// Follow an offer made for their taste.
const SUITS: f64 = 0.30;
/// Follow one that says something to everybody.
const GENERAL: f64 = 0.12;
/// Follow one made for somebody else.
const OTHER: f64 = 0.03;
/// On a phone, in the evening on the sofa, things for the house are liked better.
const ON_THE_PHONE: f64 = 0.06;
/// Follow products on a shelf.
const PRODUCTS: f64 = 0.25;

/// The offers of the demo that are made for a taste, and for which.
const MADE_FOR: [(&str, &[&str]); 6] = [
    ("hero_the_way", &["shoes", "bags"]),
    ("hero_the_night", &["camp", "clothing"]),
    ("hero_the_evening", &["home", "kitchen"]),
    ("hero_shoe_lover", &["shoes"]),
    ("hero_camper", &["camp"]),
    ("hero_homebody", &["home", "kitchen"]),
];

/// The chance that a visitor follows the first choice of a placement.
pub fn click_chance(visit: &Visit, placement: &str, choice: &str, on_phone: bool) -> f64 {
    if placement != "home_hero" {
        return PRODUCTS;
    }
    let tastes = MADE_FOR
        .iter()
        .find(|(offer, _)| *offer == choice)
        .map(|(_, tastes)| *tastes);
    let base = match tastes {
        None => GENERAL,
        Some(tastes) if tastes.contains(&visit.taste.as_str()) => SUITS,
        Some(_) => OTHER,
    };
    match on_phone && choice == "hero_the_evening" {
        true => base + ON_THE_PHONE,
        false => base,
    }
}

#[cfg(test)]
mod tests {
    use super::super::contents::CATALOG;
    use super::super::world::World;
    use super::*;

    #[test]
    fn no_offer_is_the_best_for_everybody() {
        let mut world = World::new(CATALOG, 1, "test");
        let mut visit = world.visit();
        let arms = [
            "hero_the_range",
            "hero_the_way",
            "hero_the_night",
            "hero_the_evening",
        ];
        let mut best_of = |taste: &str| {
            visit.taste = taste.to_owned();
            let chance = |arm: &str| click_chance(&visit, "home_hero", arm, false);
            let best = arms
                .into_iter()
                .max_by(|a, b| chance(a).total_cmp(&chance(b)));
            best.unwrap()
        };
        let bests = ["garden", "shoes", "camp", "kitchen"].map(&mut best_of);
        assert_eq!(bests, arms);
        visit.taste = "kitchen".to_owned();
        let evening = |on_phone| click_chance(&visit, "home_hero", "hero_the_evening", on_phone);
        assert!(evening(true) > evening(false));
        assert_eq!(
            click_chance(&visit, "also_like", "fell-boot", true),
            PRODUCTS
        );
    }
}
