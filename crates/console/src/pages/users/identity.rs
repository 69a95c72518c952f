//! Whom at an identity provider a user is, and taking that link away.

use catalog::Permission;
use domain::model::{User, UserId};
use door::{Form, Path};
use engine::identity;

use super::super::frame::{Answer, Cx, PostButton, see_other};
use crate::parts::{Button, ButtonKind, Card, Fact, Facts, Html, cell};

/// The link; nothing for a user who never came through a provider.
pub fn card(cx: &Cx, user: &User) -> Html {
    let Some((provider, link)) = identity::link_of_user(&cx.engine, user) else { return Html::default() };
    let unlink: Html = if cx.can(Permission::UsersEdit) {
        PostButton {
            action: format!("/dashboard/users/{}/unlink", user.id),
            hidden: cx.hidden(),
            button: Button {
                label: "Remove the link".into(),
                small: true,
                kind: ButtonKind::Danger,
                ..Button::default()
            },
        }
        .into()
    } else {
        Html::default()
    };
    let facts = Facts::new([
        Fact::new("Provider", cell::text(&provider.name)),
        Fact::new(
            "Known there as",
            cell::lines(cell::mono(&link.subject), "whatever becomes of name and address"),
        ),
        Fact::new("Linked", cx.ago(link.since)),
    ]);
    Card::new("Identity provider", facts).aside(unlink).into()
}

/// The next sign-in through the provider finds the user by the claim again.
pub async fn unlink(cx: Cx, Path(id): Path<UserId>, _: Form) -> Answer {
    identity::unlink_user(&cx.engine, &cx.scope, id).await?;
    Ok(see_other(&format!("/dashboard/users/{id}")))
}
