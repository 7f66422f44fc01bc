//! Links that show a change, or a person's view, on the real page: signed, good for an hour.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use kith_base::{Duration, PersonId, Timestamp, limits};
use kith_engine::Project;
use kith_runtime::Preview;
use serde::{Deserialize, Serialize};

use super::signer::Signer;

/// How long a link is good.
const LIFETIME: Duration = Duration::from_secs(60 * 60);
/// Name of the token in the address of a page; `kith-edge` reads it there.
pub const PARAMETER: &str = "kith_preview";

/// What a link shows.
#[derive(Clone, Default)]
pub struct Shows {
    /// Definitions with a change that is not saved.
    pub draft: Option<Arc<Project>>,
    /// The person it decides for.
    pub person: Option<PersonId>,
    /// A placement and the offer it shows there.
    pub offer: Option<(String, String)>,
}

/// What the token says. It holds no personal data: a person is an id.
#[derive(Serialize, Deserialize)]
struct Claim {
    until: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    draft: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offer: Option<(String, String)>,
}

/// Makes links, and keeps the changes that some of them show: in memory, so that these links end
/// with the process at the latest.
pub struct PreviewLinks {
    signer: Signer,
    drafts: Mutex<BTreeMap<String, Draft>>,
}

struct Draft {
    project: Arc<Project>,
    until: Timestamp,
}

impl PreviewLinks {
    /// With the key that signs cookies too.
    pub fn new(key: [u8; 32]) -> Self {
        PreviewLinks {
            signer: Signer::new(key, PARAMETER),
            drafts: Mutex::default(),
        }
    }

    /// A token, and when it ends.
    pub fn issue(&self, shows: Shows, now: Timestamp) -> (String, Timestamp) {
        let until = now.plus(LIFETIME);
        let claim = Claim {
            until,
            draft: shows.draft.map(|project| self.keep(project, now, until)),
            person: shows.person.map(|person| person.to_string()),
            offer: shows.offer,
        };
        (self.signer.sign(&claim), until)
    }

    /// What a token shows, if it is genuine and not over.
    pub fn check(&self, token: &str, now: Timestamp) -> Option<Preview> {
        let claim: Claim = self.signer.verify(token)?;
        if now >= claim.until {
            return None;
        }
        let project = match claim.draft {
            Some(id) => {
                let drafts = self.drafts.lock().unwrap_or_else(PoisonError::into_inner);
                Some(Arc::clone(&drafts.get(&id)?.project))
            }
            None => None,
        };
        let person = match claim.person {
            Some(id) => Some(PersonId::parse(&id)?),
            None => None,
        };
        Some(Preview {
            project,
            person,
            offer: claim.offer,
            expires_at: claim.until,
        })
    }

    fn keep(&self, project: Arc<Project>, now: Timestamp, until: Timestamp) -> String {
        let id = super::random_token();
        let mut drafts = self.drafts.lock().unwrap_or_else(PoisonError::into_inner);
        drafts.retain(|_, draft| now < draft.until);
        if drafts.len() >= limits::PREVIEW_DRAFTS_MAX {
            let oldest = drafts.iter().min_by_key(|(_, draft)| draft.until);
            if let Some(oldest) = oldest.map(|(id, _)| id.clone()) {
                drafts.remove(&oldest);
            }
        }
        drafts.insert(id.clone(), Draft { project, until });
        id
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::ZERO.plus(Duration::from_secs(seconds))
    }

    #[test]
    fn a_link_is_good_for_an_hour_and_survives_a_restart() {
        let links = PreviewLinks::new([7; 32]);
        let offer = Some(("hero".to_owned(), "boots".to_owned()));
        let shows = Shows {
            offer: offer.clone(),
            ..Shows::default()
        };
        let (token, until) = links.issue(shows, at(0));
        assert_eq!(until, at(3_600));
        assert_eq!(links.check(&token, at(3_599)).unwrap().offer, offer);
        assert!(links.check(&token, at(3_600)).is_none());
        let started_again = PreviewLinks::new([7; 32]);
        assert!(started_again.check(&token, at(1)).is_some());
        assert!(PreviewLinks::new([8; 32]).check(&token, at(1)).is_none());
        assert!(links.check("guess", at(1)).is_none());
    }

    #[test]
    fn a_change_that_is_not_saved_is_seen_until_newer_ones_need_its_room() {
        let links = PreviewLinks::new([7; 32]);
        let project = Project::load(&kith_store::state::Memory::new()).unwrap();
        let project = Arc::new(project);
        let draft = |second| {
            let shows = Shows {
                draft: Some(Arc::clone(&project)),
                ..Shows::default()
            };
            links.issue(shows, at(second)).0
        };
        let tokens: Vec<String> = (0..limits::PREVIEW_DRAFTS_MAX as i64).map(draft).collect();
        assert!(links.check(&tokens[0], at(100)).unwrap().project.is_some());
        let newest = draft(50);
        assert!(links.check(&tokens[0], at(100)).is_none());
        assert!(links.check(&tokens[1], at(100)).is_some());
        assert!(links.check(&newest, at(100)).is_some());
        assert!(PreviewLinks::new([7; 32]).check(&newest, at(100)).is_none());
    }
}
