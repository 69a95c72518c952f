//! Adding, changing, trying and removing a provider.

use axum::Extension;
use catalog::{PREDEFINED_ROLES, Permission};
use domain::model::{IdentityProvider, IdentityProviderId, RoleRef, RoleRule, UserField, UserRule};
use door::{Form, FormData, Path};
use engine::Error;
use engine::identity::{self, ProviderInput};
use http::HeaderMap;

use super::super::frame::{Answer, Cx, Entered, HostRef, Oops, PostButton, Wrong};
use super::{PATH, base, redirect_uri};
use crate::parts::{
    Button, Card, Chip, Fact, Facts, FieldView, Form as FormView, Head, Html, Icon, Place, Tone, cell,
};

fn role_name(cx: &Cx, role: &RoleRef) -> String {
    match role {
        RoleRef::Predefined(key) => key.clone(),
        RoleRef::Custom(id) => {
            let name = cx.org(|org| org.role(*id).map(|role| role.name.clone())).ok().flatten();
            name.unwrap_or_else(|| id.to_string())
        }
    }
}

/// A rule as it is written: `claim = value -> role`.
fn written(cx: &Cx, rule: &RoleRule) -> String {
    format!("{} = {} -> {}", rule.claim, rule.value, role_name(cx, &rule.role))
}

/// Reads rules; a role by its key, or by its name.
fn rules(cx: &Cx, data: &FormData) -> Result<Vec<RoleRule>, Error> {
    let own = cx.org(engine::OrgIndex::roles).unwrap_or_default();
    let role = |text: &str| {
        let predefined = PREDEFINED_ROLES.iter().find(|r| r.key == text || r.name.eq_ignore_ascii_case(text));
        let custom = || own.iter().find(|r| r.name.eq_ignore_ascii_case(text) || r.id.to_string() == text);
        match predefined {
            Some(role) => Some(RoleRef::Predefined(role.key.to_owned())),
            None => custom().map(|role| RoleRef::Custom(role.id)),
        }
    };
    data.lines("rules")
        .iter()
        .map(|line| {
            let parts = line.rsplit_once("->").and_then(|(left, role)| {
                let (claim, value) = left.split_once('=')?;
                Some((claim.trim(), value.trim(), role.trim()))
            });
            let Some((claim, value, name)) = parts else {
                return Err(Error::invalid(
                    "rules",
                    format!("Write “{line}” as: groups = mdm-admins -> full."),
                ));
            };
            let role =
                role(name).ok_or_else(|| Error::invalid("rules", format!("There is no role {name}.")))?;
            Ok(RoleRule { claim: claim.to_owned(), value: value.to_owned(), role })
        })
        .collect()
}

fn input(cx: &Cx, data: &FormData, has_secret: bool) -> Result<ProviderInput, Error> {
    let typed = data.raw("client_secret");
    let client_secret = match (typed.is_empty(), data.ticked("public"), has_secret) {
        (_, true, _) => Some(String::new()),
        (true, false, true) => None,
        (true, false, false) => Some(String::new()),
        (false, false, _) => Some(typed.to_owned()),
    };
    Ok(ProviderInput {
        name: data.text("name").to_owned(),
        zone: data.text("zone").to_owned(),
        on: data.ticked("on"),
        issuer: data.text("issuer").to_owned(),
        client_id: data.text("client_id").to_owned(),
        client_secret,
        scopes: data.lines("scopes"),
        roots: data.text("roots").to_owned(),
        email_domains: data.lines("email_domains"),
        rules: rules(cx, data)?,
        creates: data.ticked("creates"),
        vouches_for_factor: data.ticked("vouches_for_factor"),
        not_administrators: !data.ticked("administrators"),
        users: data.ticked("users").then(|| UserRule {
            claim: data.text("user_claim").to_owned(),
            is: if data.text("user_is") == "username" { UserField::Username } else { UserField::Email },
            creates: data.ticked("creates_users"),
        }),
    })
}

fn stored(cx: &Cx, provider: &IdentityProvider) -> FormData {
    let on = |on: bool| if on { "on" } else { "" }.to_owned();
    let rules: Vec<String> = provider.rules.iter().map(|rule| written(cx, rule)).collect();
    let rule = provider.users.as_ref();
    let pairs = [
        ("name", provider.name.clone()),
        ("zone", provider.zone.clone()),
        ("on", on(provider.on)),
        ("issuer", provider.issuer.clone()),
        ("client_id", provider.client_id.clone()),
        ("public", on(provider.client_secret.is_none())),
        ("scopes", provider.scopes.join("\n")),
        ("roots", provider.roots.clone()),
        ("email_domains", provider.email_domains.join("\n")),
        ("rules", rules.join("\n")),
        ("creates", on(provider.creates)),
        ("vouches_for_factor", on(provider.vouches_for_factor)),
        ("administrators", on(provider.administrators)),
        ("users", on(provider.users.is_some())),
        ("user_claim", rule.map_or("email", |rule| rule.claim.as_str()).to_owned()),
        (
            "user_is",
            if rule.is_some_and(|rule| rule.is == UserField::Username) { "username" } else { "email" }.into(),
        ),
        ("creates_users", on(rule.is_some_and(|rule| rule.creates))),
    ];
    FormData::new(pairs.into_iter().filter(|(_, v)| !v.is_empty()).map(|(k, v)| (k.to_owned(), v)).collect())
}

fn form(cx: &Cx, provider: Option<&IdentityProvider>, data: &FormData, wrong: &Wrong) -> Html {
    let may = cx.can(Permission::AdministratorsEdit);
    let entered = Entered { data, wrong };
    let secret = entered.secret("client_secret", "Client secret", "off").optional();
    let secret = match provider {
        Some(known) if known.client_secret.is_some() => secret.help("Left empty, the present one stays."),
        _ => secret.help("It is sealed, and never shown again."),
    };
    let roles = if cx.outside() { "full" } else { "full, help_desk, read_only or a role of yours" };
    let mut fields = vec![
        entered.text("name", "Name").help("On the button of the sign-in page."),
        entered.text("zone", "Zone").help("A short name that leads to it; small letters, digits, dashes."),
        entered.switch("on", "People can sign in with it"),
        entered.text("issuer", "Issuer").help("Exactly as the provider writes it, such as https://id.example.com/realms/staff."),
        entered.text("client_id", "Client id"),
        secret,
        entered.switch("public", "The client has no secret"),
        entered.area("scopes", "Further scopes").help("One to a line, besides openid: profile, email, groups.").optional(),
        entered
            .area("rules", "Rules")
            .help(format!(
                "One to a line; the first that fits decides the role: claim = value -> role, such as groups = mdm-admins -> full. Roles: {roles}."
            ))
            .optional(),
        entered
            .switch("creates", "Make an account for whom a rule gives a role")
            .help("Such an account has no password, and the rules say its role at every sign-in. Off: only accounts that their owners have linked."),
        entered
            .area("email_domains", "Only these mail domains")
            .help("One to a line. The provider must say that the address was verified.")
            .optional(),
        entered
            .switch("vouches_for_factor", "The provider asks for a second factor")
            .help("Then none is asked for here."),
        entered.switch("administrators", "Administrators can sign in with it"),
        entered.area("roots", "Root certificates").help("In PEM form, for a provider with an authority of its own.").optional(),
    ];
    if !cx.outside() {
        let of_users = users(&entered);
        fields.splice(fields.len() - 1..fields.len() - 1, of_users);
    }
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let action = provider.map_or_else(|| format!("{PATH}/add"), |known| format!("{PATH}/{}", known.id));
    let label = if provider.is_some() { "Save provider" } else { "Add provider" };
    let form = FormView {
        id: "provider-form".into(),
        action,
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit(label)] } else { Vec::new() },
    };
    Card::new("Provider", form).into()
}

fn add_head() -> Head {
    Head::new("Add provider", "Register a web application with code flow and PKCE there first. Its redirect address is shown when the provider was added.").under("Sign-in", PATH)
}

/// What is set for users.
fn users(entered: &Entered<'_>) -> [FieldView; 4] {
    let is = [
        ("email".to_owned(), "The mail address".to_owned()),
        ("username".to_owned(), "The sign-in name".to_owned()),
    ];
    [
        entered
            .switch("users", "Users can sign in with it")
            .help("On the enrolment pages and in the portal. Their mail programs still need the password of the mailbox."),
        entered
            .text("user_claim", "Claim that says who a user is")
            .help("Such as email, preferred_username or upn. The claim email counts only if the provider says that it was verified.")
            .optional(),
        entered.select("user_is", "It is the user’s", &is),
        entered
            .switch("creates_users", "Make a user for whom there is none")
            .help("Within the domains and limits of the organization."),
    ]
}

pub async fn add_show(cx: Cx) -> Answer {
    let pairs =
        [("on", "on"), ("scopes", "profile\nemail"), ("administrators", "on"), ("user_claim", "email")];
    let data = FormData::new(pairs.map(|(k, v)| (k.to_owned(), v.to_owned())).to_vec());
    let body = vec![form(&cx, None, &data, &Wrong::default())];
    cx.page(Place::IdentityProviders, add_head(), body)
}

pub async fn add(cx: Cx, Form(data): Form) -> Answer {
    let made = match input(&cx, &data, false) {
        Ok(input) => identity::create(&cx.engine, &cx.scope, input).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(id) => {
            cx.done(&format!("{PATH}/{id}"), "Added. Enter the redirect address at the provider, and try it.")
        }
        Err(error) => {
            let body = vec![form(&cx, None, &data, &Wrong::of(error)?)];
            cx.again(Place::IdentityProviders, add_head(), body)
        }
    }
}

fn find(cx: &Cx, id: IdentityProviderId) -> Result<IdentityProvider, Oops> {
    let settings = identity::settings(&cx.engine, &cx.scope)?;
    Ok(settings.provider(id).cloned().ok_or(Error::NotFound("identity provider"))?)
}

/// Where this server is for the provider: what is entered there.
struct Here<'a>(&'a HostRef, &'a HeaderMap);

fn page(
    cx: &Cx,
    here: &Here<'_>,
    id: IdentityProviderId,
    typed: Option<(&FormData, &Wrong)>,
) -> Result<(Head, Vec<Html>), Oops> {
    let provider = find(cx, id)?;
    let chip = if provider.on { Chip::new("On", Tone::Ok) } else { Chip::new("Off", Tone::Idle) };
    let mut head = Head::new(provider.name.clone(), "").under("Sign-in", PATH).chip(chip);
    if cx.can(Permission::AdministratorsEdit) {
        let button = Button { label: "Test".into(), icon: Some(Icon::Refresh), ..Button::default() };
        head.actions
            .push(PostButton { action: format!("{PATH}/{id}/test"), hidden: cx.hidden(), button }.into());
        head.actions.push(PostButton::remove(format!("{PATH}/{id}/remove"), cx.hidden()).into());
    }
    let slug = cx.org(|org| org.organization.slug.clone()).ok();
    let zone = slug.map_or_else(|| provider.zone.clone(), |slug| format!("{slug}/{}", provider.zone));
    let redirect = redirect_uri(here.0, here.1, id);
    let facts = Facts::rows([
        Fact::new("Redirect address", cell::mono(&redirect)),
        Fact::new(
            "Redirect address of users",
            cell::mono(format!("{}/portal/sign-in/oidc/{id}", here.0.0.base_url())),
        ),
        Fact::new("Back-channel logout", cell::mono(format!("{redirect}/logout"))),
        Fact::new("After sign-out", cell::mono(format!("{}/dashboard/sign-in", base(here.0, here.1)))),
        Fact::new(
            "Sign-in link",
            cell::mono(format!("{}/dashboard/sign-in/with?zone={zone}", base(here.0, here.1))),
        ),
    ]);
    let (stored, right) = (stored(cx, &provider), Wrong::default());
    let (data, wrong) = typed.unwrap_or((&stored, &right));
    let note = "A change signs out everybody who came through it.";
    let body = vec![
        Card::new("What the provider must know", facts).footer(note).into(),
        form(cx, Some(&provider), data, wrong),
    ];
    Ok((head, body))
}

pub async fn show(
    cx: Cx,
    Extension(host): Extension<HostRef>,
    headers: HeaderMap,
    Path(id): Path<IdentityProviderId>,
) -> Answer {
    let (head, body) = page(&cx, &Here(&host, &headers), id, None)?;
    cx.page(Place::IdentityProviders, head, body)
}

pub async fn save(
    cx: Cx,
    Extension(host): Extension<HostRef>,
    headers: HeaderMap,
    Path(id): Path<IdentityProviderId>,
    Form(data): Form,
) -> Answer {
    let has_secret = find(&cx, id)?.client_secret.is_some();
    let saved = match input(&cx, &data, has_secret) {
        Ok(input) => identity::edit(&cx.engine, &cx.scope, id, input).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => cx.done(&format!("{PATH}/{id}"), "Saved."),
        Err(error) => {
            let wrong = Wrong::of(error)?;
            let (head, body) = page(&cx, &Here(&host, &headers), id, Some((&data, &wrong)))?;
            cx.again(Place::IdentityProviders, head, body)
        }
    }
}

pub async fn test(cx: Cx, Path(id): Path<IdentityProviderId>, Form(_): Form) -> Answer {
    let to = format!("{PATH}/{id}");
    match identity::test(&cx.engine, &cx.scope, id).await {
        Ok(keys) => {
            cx.done(&to, format!("The provider answers, and publishes {keys} keys that can be used."))
        }
        Err(error @ Error::Upstream(_)) => cx.failed(&to, error.to_string()),
        Err(error) => Err(error.into()),
    }
}

pub async fn remove(cx: Cx, Path(id): Path<IdentityProviderId>, Form(_): Form) -> Answer {
    identity::remove(&cx.engine, &cx.scope, id).await?;
    cx.done(PATH, "The provider was removed, and accounts that it had made were disabled.")
}
