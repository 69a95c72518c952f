//! The providers of an organization, and who must have a second factor.

use catalog::{PREDEFINED_ROLES, Permission};
use domain::model::RoleRef;
use door::Form;
use engine::identity;

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::super::words;
use super::PATH;
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, Form as FormView, Head, Html, Icon, Place, Table, Tone, cell,
};

pub async fn show(cx: Cx) -> Answer {
    let (head, body) = page(&cx, &Wrong::default())?;
    cx.page(Place::IdentityProviders, head, body)
}

fn page(cx: &Cx, wrong: &Wrong) -> Result<(Head, Vec<Html>), super::super::frame::Oops> {
    let settings = identity::settings(&cx.engine, &cx.scope)?;
    let add =
        || Button::link("Add provider", format!("{PATH}/add")).kind(ButtonKind::Primary).icon(Icon::Plus);
    let may = cx.can(Permission::AdministratorsEdit);
    let mut head = Head::new(
        "Sign-in",
        "Providers whose people sign in here with their account there (OpenID Connect), and who must have a second factor.",
    );
    if may {
        head = head.action(add());
    }
    let providers: Html = if settings.providers.is_empty() {
        let empty = EmptyState {
            icon: Icon::Key,
            title: "There is no identity provider".into(),
            text: "With one, administrators sign in with the account of their company, and lose access here when \
                   they lose it there. Microsoft Entra ID, Okta, Keycloak, Google and others."
                .into(),
            actions: if may { vec![add()] } else { Vec::new() },
        };
        Card::new("", empty).into()
    } else {
        let mut table =
            Table::new("Identity providers", &["Provider", "State", "Issuer", "Rules", "Accounts"]).tall();
        let all = cx.engine.directory().administrators(cx.scope.organization());
        for provider in &settings.providers {
            let state = if provider.on { Chip::new("On", Tone::Ok) } else { Chip::new("Off", Tone::Idle) };
            let accounts = all
                .iter()
                .filter(|admin| admin.identity.as_ref().is_some_and(|of| of.provider == provider.id))
                .count();
            table = table.row([
                cell::lines(
                    cell::open(format!("{PATH}/{}", provider.id), &provider.name),
                    provider.zone.clone(),
                ),
                state.into(),
                cell::prose(provider.issuer.clone()),
                Html::text(words::count(provider.rules.len(), "rule", "rules")),
                Html::text(accounts.to_string()),
            ]);
        }
        Card::flush("Identity providers", table).into()
    };
    Ok((head, vec![providers, demanded(cx, wrong)?]))
}

/// Value, name and help of each role, as forms take them.
fn roles(cx: &Cx) -> Vec<(String, String, String)> {
    if cx.outside() {
        return vec![(
            "full".into(),
            "System administrators".into(),
            "They act in every organization.".into(),
        )];
    }
    let own = cx.org(engine::OrgIndex::roles).unwrap_or_default();
    let predefined =
        PREDEFINED_ROLES.iter().map(|r| (r.key.to_owned(), r.name.to_owned(), r.help.to_owned()));
    let own = own.iter().map(|r| (r.id.to_string(), r.name.clone(), "A role of your own.".to_owned()));
    predefined.chain(own).collect()
}

fn demanded(cx: &Cx, wrong: &Wrong) -> Result<Html, engine::Error> {
    let settings = identity::settings(&cx.engine, &cx.scope)?;
    let value = |role: &RoleRef| match role {
        RoleRef::Predefined(key) => key.clone(),
        RoleRef::Custom(id) => id.to_string(),
    };
    let pairs = settings.second_factor_roles.iter().map(|role| ("roles".to_owned(), value(role))).collect();
    let data = door::FormData::new(pairs);
    let help = "Whoever has one of these roles and neither an authenticator app nor a passkey can do nothing but set \
                one up.";
    let mut fields = vec![Entered { data: &data, wrong }.ticks("roles", "Roles", &roles(cx)).help(help)];
    let may = cx.can(Permission::AdministratorsEdit);
    if !may {
        fields = fields.into_iter().map(crate::parts::FieldView::read_only).collect();
    }
    let mut hidden = cx.hidden();
    hidden.push(super::super::frame::hidden_value("rev", settings.rev.to_string()));
    let form = FormView {
        id: "second-factor-form".into(),
        action: format!("{PATH}/second-factor"),
        hidden,
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit("Save")] } else { Vec::new() },
    };
    Ok(Card::new("Who must have a second factor", form).into())
}

pub async fn demand(cx: Cx, Form(data): Form) -> Answer {
    let roles = data
        .all("roles")
        .into_iter()
        .map(|text| text.parse().map_or_else(|_| RoleRef::Predefined(text.to_owned()), RoleRef::Custom));
    let seen = data.text("rev").parse().ok();
    match identity::require_second_factor(&cx.engine, &cx.scope, seen, roles.collect()).await {
        Ok(()) => cx.done(PATH, "Saved. Who has none is asked for it with the next click."),
        Err(error) => {
            let (head, body) = page(&cx, &Wrong::of(error)?)?;
            cx.again(Place::IdentityProviders, head, body)
        }
    }
}
