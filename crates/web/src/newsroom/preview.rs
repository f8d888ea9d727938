//! An article as readers will see it, before they do.

use super::editor::{Desktop, frame};
use super::pages::article::PreviewPage;
use super::session::Room;
use super::steps::has_changes;
use super::trouble::{Shown, Trouble, page};
use super::write::article_id;
use axum::extract::Path;
use http::StatusCode;
use newsroom::article::State;

/// `GET /newsroom/articles/{id}/preview`: the page in a frame, with the way back.
pub(crate) async fn show(room: Room, Path(id): Path<String>) -> Shown {
    let desktop = Desktop::look(&room, Some(article_id(&id)?)).await?;
    let article = desktop.article.as_ref().ok_or(Trouble::Missing)?;
    let sub = match article.state {
        State::Live if has_changes(article) => "Saved, and not yet what readers see.",
        State::Live => "This is what readers see.",
        State::Withdrawn => "Withdrawn: readers see the reason instead.",
        State::Draft | State::Review | State::LegalHold | State::Ready | State::Scheduled => {
            "Nobody outside the newsroom sees this yet."
        }
    };
    let headline = desktop.copy().headline;
    let sheet = PreviewPage {
        frame: frame(&room),
        back: format!("/newsroom/articles/{}", article.id),
        headline: if headline.is_empty() { "Without a headline".into() } else { headline },
        sub: sub.into(),
        src: format!("/newsroom/articles/{}/preview/page", article.id),
    };
    Ok(page(StatusCode::OK, &sheet))
}

/// `GET /newsroom/articles/{id}/preview/page`: printed by the readers' own presenter, kept by nobody.
pub(crate) async fn bare(room: Room, Path(id): Path<String>) -> Shown {
    Ok(crate::public::article_preview(&room.web, article_id(&id)?).await?)
}
