//! Anonymous visitors, from the events of their visits.

use kith_event::Basis;
use kith_linkage::State;

use crate::shop::{Shop, refuses};
use crate::world::World;

const RULES: &str = r#""visitors":true"#;

/// A shop after so many rounds of visits, linked as they came.
async fn shop(rounds: usize) -> (World, Shop) {
    shop_that(rounds, true).await
}

/// The same, and whether the shop keeps addresses.
async fn shop_that(rounds: usize, addresses: bool) -> (World, Shop) {
    let mut world = World::start(RULES).await;
    let mut shop = Shop::new(120);
    shop.addresses = addresses;
    for _ in 0..rounds {
        shop.round(&mut world).await;
        world.link().await;
    }
    (world, shop)
}

#[tokio::test]
async fn a_new_id_is_linked_with_the_earlier_one_of_the_same_person() {
    let (mut world, shop) = shop(12).await;
    world.later(3_600);
    world.link().await;
    let links = world.links();
    let of = |basis: Basis| links.iter().filter(move |(_, (held, _))| *held == basis);
    let same = |a: &String, b: &String| shop.owners[a] == shop.owners[b];
    let all = of(Basis::Visitors).count();
    let right = of(Basis::Visitors).filter(|((a, b), _)| same(a, b)).count();
    assert!(all > 60 && right * 10 >= all * 8, "{right} of {all} right");
    let home = |name: &String| shop.owners[name] / 2;
    let (mut households, mut right) = (0, 0);
    for ((a, b), _) in of(Basis::Household) {
        households += 1;
        right += usize::from(home(a) == home(b));
    }
    assert!(
        households > 0 && right * 10 >= households * 8,
        "{right} of {households} right"
    );
    assert_eq!(of(Basis::Records).count(), 0);
    let touches = |name: &String| refuses(shop.owners[name]);
    assert!(!links.keys().any(|(a, b)| touches(a) || touches(b)));

    let figures = world.figures();
    assert_eq!(figures.state, State::Running);
    let visitors = figures.visitors.clone().unwrap();
    assert_eq!(visitors.sessions, 12 * 108, "one in ten does not consent");
    assert!(visitors.ids > 300 && visitors.log_ins > 300, "{visitors:?}");
    assert!(visitors.person.iter().any(|point| point.precision > 0.9));
    world.check_replay();
}

#[tokio::test]
async fn an_id_is_linked_when_its_first_visit_is_over_and_no_more_after_consent_is_gone() {
    let (mut world, mut shop) = shop(10).await;
    world.later(3_600);
    world.link().await;
    // Who never logs in and came back most probably: the first that is linked.
    let mut found = None;
    for person in (0..120).step_by(3).filter(|person| !refuses(*person)) {
        let before = shop.id(person);
        let id = shop.lose(person);
        shop.visit(&mut world, person, false).await;
        world.link().await;
        let touches = |world: &World| {
            let links = world.links();
            links.keys().filter(|(a, b)| *a == id || *b == id).count()
        };
        assert_eq!(touches(&world), 0, "the visit is under way");
        world.later(1_801);
        world.link().await;
        if touches(&world) > 0 {
            found = Some((before, id));
            break;
        }
    }
    let (_, id) = found.expect("somebody is found again");
    let refused = world.consent(&[&id], false);
    world.append(vec![refused]).await;
    world.link().await;
    let touches = |world: &World| world.links().keys().any(|(a, b)| *a == id || *b == id);
    assert!(!touches(&world));
    // Nobody who comes later is linked with the id, and it is not with those before.
    shop.round(&mut world).await;
    world.later(3_600);
    world.link().await;
    assert!(
        !world
            .links()
            .keys()
            .any(|(a, b)| { (*a == id || *b == id) && !world_consents(&world, &id) })
    );
    world.check_replay();
}

/// Whether the person of an id consents now: its owner may have said so again.
fn world_consents(world: &World, id: &str) -> bool {
    let view = world.handle.view();
    let id = kith_event::Identifier::parse(id).unwrap();
    let person = kith_engine::query::person_of(&*view.state, &view.project, &[id]).unwrap();
    let known = kith_engine::query::known(&*view.state, &view.project, person.unwrap());
    known.unwrap().unwrap().consented_at.is_some()
}

#[tokio::test]
async fn a_restart_links_nobody_again() {
    let (mut world, mut shop) = shop(9).await;
    world.later(3_600);
    world.link().await;
    let (links, end, figures) = (world.links(), world.end(), world.figures());
    assert!(links.len() > 20);
    world.restart().await;
    world.link().await;
    assert_eq!((world.links(), world.end()), (links.clone(), end));
    let again = world.figures().visitors.clone().unwrap();
    let before = figures.visitors.clone().unwrap();
    assert_eq!((again.sessions, again.ids), (before.sessions, before.ids));
    // And it goes on.
    for _ in 0..2 {
        shop.round(&mut world).await;
    }
    world.later(3_600);
    world.link().await;
    assert!(world.links().len() > links.len());
}

#[tokio::test]
async fn addresses_that_are_not_known_are_not_the_same() {
    let (mut world, _) = shop_that(12, false).await;
    world.later(3_600);
    world.link().await;
    assert!(world.figures().visitors.as_ref().unwrap().log_ins > 300);
    let households = |(basis, _): &&(Basis, u16)| *basis == Basis::Household;
    assert_eq!(world.links().values().filter(households).count(), 0);
}

#[tokio::test]
async fn without_the_rule_nobody_is_looked_at() {
    let mut world = World::start(r#""records":true"#).await;
    let mut shop = Shop::new(40);
    for _ in 0..3 {
        shop.round(&mut world).await;
    }
    world.later(3_600);
    world.link().await;
    assert_eq!(world.figures().visitors, None);
    assert_eq!(world.told(), 0);
}
