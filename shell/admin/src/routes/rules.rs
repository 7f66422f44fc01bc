//! Rules under edit.

use axum::Json;
use axum::extract::State;
use kith_engine::query;

use crate::problem::{self, Problem};
use crate::query::Body;
use crate::rule_forms;
use crate::state::AdminState;
use crate::wire::{RuleForms, RuleInput};

/// Reads a rule and answers it in every form, with its mistakes. Nothing is stored.
#[utoipa::path(post, path = "/api/v1/rules/parse", tag = "definitions",
    request_body = RuleInput, responses((status = 200, body = RuleForms)))]
pub async fn parse_rule(
    State(state): State<AdminState>,
    Body(input): Body<RuleInput>,
) -> Result<Json<RuleForms>, Problem> {
    if input.text.is_some() == input.tree.is_some() {
        let detail = "give either text or tree";
        return Err(Problem::new(problem::INVALID_BODY, detail).field("text", detail));
    }
    let forms = state.walk(move |_, view| {
        let received = query::received(&*view.state)?;
        Ok(rule_forms::read(&input, &view.project.schema, &received))
    });
    forms.await.map(Json)
}
