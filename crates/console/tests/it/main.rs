//! Pages against a real engine; and every page of the gallery, with what must hold on each of them.
mod access;
mod exceptions;
mod forms;
mod groups;
mod house;
mod safety;
mod schedules;
mod tasks;
mod verdicts;
mod views;

#[path = "../../examples/gallery/pages/mod.rs"]
mod pages;

use std::collections::BTreeSet;

use console::{assets, parts::Icon};

/// Values of an attribute, in order.
fn values<'a>(html: &'a str, attribute: &str) -> Vec<&'a str> {
    let mark = format!(" {attribute}=\"");
    html.split(mark.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

/// Start tags of an element, without the brackets.
fn tags<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let starts = html
        .split('<')
        .filter(|piece| piece.strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '>'])));
    starts.filter_map(|piece| piece.split('>').next()).collect()
}

#[test]
fn nothing_inline_that_the_content_security_policy_forbids() {
    for (name, html) in pages::all() {
        assert!(values(&html, "style").is_empty(), "{name} has an inline style");
        assert!(!html.contains("<style"), "{name} has a style element");
        assert!(tags(&html, "script").iter().all(|tag| tag.contains(" src=")), "{name} has an inline script");
        for handler in ["onclick", "onchange", "onsubmit", "onload", "oninput"] {
            assert!(values(&html, handler).is_empty(), "{name} has {handler}");
        }
    }
}

#[test]
fn identifiers_are_unique_and_references_lead_somewhere() {
    for (name, html) in pages::all() {
        let all = values(&html, "id");
        let ids: BTreeSet<_> = all.iter().copied().collect();
        assert_eq!(
            all.len(),
            ids.len(),
            "{name} has an id twice: {:?}",
            all.iter().filter(|id| all.iter().filter(|other| other == id).count() > 1).collect::<Vec<_>>()
        );
        for attribute in
            ["for", "aria-describedby", "aria-labelledby", "popovertarget", "data-dialog", "data-copy"]
        {
            for list in values(&html, attribute) {
                for id in list.split(' ') {
                    assert!(ids.contains(id), "{name}: {attribute} names {id}, which is not there");
                }
            }
        }
        for region in values(&html, "data-swap") {
            assert!(ids.contains(region.trim_start_matches('#')), "{name}: {region} cannot be swapped");
        }
    }
}

#[test]
fn every_icon_and_file_exists() {
    let icons: BTreeSet<_> = Icon::ALL.iter().map(|icon| icon.id()).collect();
    for (name, html) in pages::all() {
        for href in values(&html, "href")
            .into_iter()
            .chain(values(&html, "src"))
            .filter(|href| href.starts_with(assets::MOUNT))
        {
            let (file, icon) = href.split_once('#').unwrap_or((href, ""));
            assert!(assets::all().any(|(_, asset)| asset.url == file), "{name} refers to {file}");
            assert!(icon.is_empty() || icons.contains(icon), "{name} draws {icon}");
        }
    }
}

#[test]
fn every_post_carries_the_token() {
    for (name, html) in pages::all() {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            if form.contains("method=\"post\"") {
                assert!(
                    form.contains("name=\"csrf\" value=\"9f3c1c\""),
                    "{name} has a form without the token"
                );
            }
        }
    }
}

#[test]
fn every_entry_has_a_name() {
    for (name, html) in pages::all() {
        let labelled: BTreeSet<_> = values(&html, "for").into_iter().collect();
        for tag in
            tags(&html, "input").into_iter().chain(tags(&html, "select")).chain(tags(&html, "textarea"))
        {
            let tag = format!("{tag} ");
            let inside_label = html.split("<label").skip(1).any(|label| {
                label.split("</label>").next().is_some_and(|label| label.contains(tag.trim_end()))
            });
            let named = tag.contains("type=\"hidden\"")
                || tag.contains("aria-label=")
                || inside_label
                || values(&tag, "id").iter().any(|id| labelled.contains(id));
            assert!(named, "{name}: <{tag}> has no name");
        }
    }
}

#[test]
fn a_grid_of_fifty_rows_is_light() {
    let pages = pages::all();
    let (_, html) = pages.iter().find(|(name, _)| *name == "devices").expect("the gallery has the grid");
    assert_eq!(html.matches("class=\"pick\"").count(), 50);
    let first_view: usize =
        ["theme.css", "app.js", "icons.svg", "mark.svg", "inter-latin.woff2", "inter-latin-ext.woff2"]
            .iter()
            .map(|name| {
                assets::all()
                    .find(|(file, _)| file == name)
                    .map_or(0, |(_, asset)| asset.gzip.as_ref().map_or(asset.plain.len(), bytes::Bytes::len))
            })
            .sum::<usize>()
            + assets::gzip(html.as_bytes()).len();
    assert!(first_view < 150 * 1024, "the first view weighs {first_view} bytes");
}

#[test]
fn what_a_device_says_of_itself_stays_text() {
    let evil = "\"><script>alert(1)</script>'&";
    let chip = console::parts::Chip::new(evil, console::parts::Tone::Ok)
        .why("w", console::parts::Why { reason: evil.into(), ..Default::default() });
    let row = console::parts::Row {
        id: evil.into(),
        name: evil.into(),
        cells: vec![console::parts::cell::open(evil, evil), chip.into()],
    };
    let bulk = console::parts::Bulk { query: evil.into(), ..Default::default() };
    let columns = vec![console::parts::Column::new("a", evil), console::parts::Column::new("b", evil)];
    let html = console::parts::Grid {
        columns,
        rows: vec![row],
        bulk: Some(bulk),
        label: evil.into(),
        ..Default::default()
    }
    .to_string();
    assert!(!html.contains("<script"), "{html}");
    assert!(!html.contains("\"><script"), "{html}");
    assert!(html.contains("&#60;script&#62;"));
}
