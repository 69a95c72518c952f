//! Why a user is told something: from an entry of the journal, or from the verdict in force.

use catalog::{RuleId, TARGETS};
use domain::Millis;
use domain::model::{Device, JournalRow, Verdict};
use domain::notification::{NotificationSettings, Occasion, RuleTexts};
use serde_json::Value;

/// Why a user is told something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cause {
    /// What is told.
    pub occasion: Occasion,
    /// Rules it follows from, the one whose text is used first, with what was found.
    pub rules: Vec<(RuleId, String)>,
    /// When access goes.
    pub deadline: Option<Millis>,
}

impl Cause {
    /// What an entry of the journal tells; `None` if it tells users nothing.
    pub fn of(row: &JournalRow) -> Option<Self> {
        let occasion = Occasion::of(&row.event)?;
        let body = row.body.as_ref()?;
        if occasion == Occasion::Announced {
            let rules = vec![(rule_of(body.get("rule")?)?, text(body.get("detail")))];
            return Some(Self {
                occasion,
                rules,
                deadline: body.get("restricts_at").and_then(Value::as_i64),
            });
        }
        let closed = if occasion == Occasion::Restricted { "closed" } else { "before" };
        let closing = body.get(closed)?.get("rules")?.as_array()?;
        let findings = body.get("findings").and_then(Value::as_array);
        let detail = |rule: RuleId| {
            let found =
                findings.into_iter().flatten().find(|f| f.get("rule").and_then(rule_of) == Some(rule));
            found.map_or_else(|| rule.entry().label.to_owned(), |f| text(f.get("detail")))
        };
        let rules = closing.iter().filter_map(rule_of).map(|rule| (rule, detail(rule))).collect();
        Some(Self { occasion, rules, deadline: None })
    }

    /// What keeps a device restricted now; `None` if nothing does.
    pub fn in_force(device: &Device) -> Option<Self> {
        let verdict = &device.verdict;
        let mut rules = Vec::new();
        for closed in
            TARGETS.iter().filter(|info| info.carried).filter_map(|info| verdict.closed(info.target))
        {
            for rule in &closed.rules {
                if !rules.iter().any(|(known, _)| known == rule) {
                    rules.push((*rule, detail(verdict, *rule)));
                }
            }
        }
        (!rules.is_empty()).then_some(Self { occasion: Occasion::Restricted, rules, deadline: None })
    }

    /// What would be told of one rule.
    pub fn imagined(device: &Device, occasion: Occasion, rule: RuleId, deadline: Option<Millis>) -> Self {
        Self { occasion, rules: vec![(rule, detail(&device.verdict, rule))], deadline }
    }

    /// Another target closed or opened at the same time: one mail tells of both.
    pub fn join(&mut self, other: Self) {
        let news =
            other.rules.into_iter().filter(|(rule, _)| self.rules.iter().all(|(known, _)| known != rule));
        let news: Vec<_> = news.collect();
        self.rules.extend(news);
    }

    /// Whether users are told because of at least one of the rules.
    pub fn is_told(&self, settings: &NotificationSettings) -> bool {
        settings.on && self.loud(settings).is_some()
    }

    /// The first rule of which users are told.
    fn loud(&self, settings: &NotificationSettings) -> Option<RuleId> {
        let silent = |rule: &RuleId| settings.rules.get(rule).is_some_and(|texts| texts.silent);
        self.rules.iter().map(|(rule, _)| *rule).find(|rule| !silent(rule))
    }

    /// The text with its placeholders: that of the first rule of which users are told.
    pub fn text<'s>(&self, settings: &'s NotificationSettings) -> &'s str {
        let rule = self.loud(settings).or_else(|| self.rules.first().map(|(rule, _)| *rule));
        let own = rule.and_then(|rule| settings.rules.get(&rule));
        own.map_or(self.occasion.text(), |texts: &RuleTexts| texts.text(self.occasion))
    }

    /// All reasons and all remedies: each of the rules must be kept again. What is the same is said once.
    pub fn words(&self, settings: &NotificationSettings) -> (String, String) {
        let (mut reasons, mut remedies) = (Vec::new(), Vec::new());
        for (rule, detail) in &self.rules {
            let (reason, remedy) = super::words(settings, *rule, detail);
            for (all, one) in [(&mut reasons, reason), (&mut remedies, remedy)] {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        }
        (reasons.join(" "), remedies.join(" "))
    }
}

fn detail(verdict: &Verdict, rule: RuleId) -> String {
    verdict.finding(rule).map_or_else(|| rule.entry().label.to_owned(), |found| found.finding.detail.clone())
}

fn rule_of(value: &Value) -> Option<RuleId> {
    serde_json::from_value(value.clone()).ok()
}

fn text(value: Option<&Value>) -> String {
    value.and_then(Value::as_str).unwrap_or_default().to_owned()
}
