//! Users from CSV: sent and checked at once, imported as a job.

use axum::Json;
use catalog::Permission;
use domain::model::{Duplicates, ImportCounts, ImportIssue, ImportState, UserImport};
use door::{Access, Path};
use engine::Error;
use engine::imports::{self, Upload};
use http::Method;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::answer::{Created, Done, File, Page};
use super::endpoint::{Family, endpoint};
use super::input::{Body, Call, Csv, Params};
use super::problem::Problem;
use super::words::{Ref, Vocabulary, Word};

pub(super) fn family() -> Family {
    let change = Access::Needs(Permission::UsersEdit);
    let (all, one) = ("/api/v1/user-imports", "/api/v1/user-imports/{import}");
    Family {
        name: "Import of users",
        about: "Users from a CSV file of at most 50,000 rows and 16 MiB. The same file twice changes nothing.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/user-imports/template.csv", change, template, "A file to begin with")
                .says("The headings that are known, the organization's own columns among them, and an example.")
                .file(&["text/csv"]),
            endpoint(Method::POST, "/api/v1/users/import", change, send, "Import users from CSV")
                .says(
                    "Comma, semicolon, tab or bar; UTF-8, UTF-16 or Windows-1252. An empty cell leaves what is there, \
                     a single hyphen empties it. Rows that cannot be imported refuse the whole file unless \
                     `only_good` is sent. With `dry_run` nothing is imported: the answer says what would be, and \
                     the import can be started within a day.",
                )
                .query::<Sent>()
                .takes(&["text/csv"])
                .creates::<Import>(),
            endpoint(Method::GET, all, change, list, "List imports")
                .says("The last twenty, newest first.")
                .gives::<Page<Import>>(),
            endpoint(Method::GET, one, change, show, "Show an import").gives::<Import>(),
            endpoint(Method::POST, "/api/v1/user-imports/{import}/start", change, start, "Start an import")
                .says("Of a file that was sent with `dry_run`.")
                .body::<Start>(),
            endpoint(Method::DELETE, one, change, discard, "Forget an import")
                .says("What it has done stays; one that is under way stops."),
        ],
    }
}

impl Vocabulary for Duplicates {
    const NAME: &'static str = "Duplicates";
    const ABOUT: &'static str = "What happens to users that are there already.";
    fn all() -> Vec<Self> {
        vec![Duplicates::Update, Duplicates::Skip]
    }
}

impl Vocabulary for ImportState {
    const NAME: &'static str = "ImportState";
    const ABOUT: &'static str = "Where an import stands.";
    fn all() -> Vec<Self> {
        vec![ImportState::Checked, ImportState::Running, ImportState::Done]
    }
}

/// How a file is to be taken.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Sent {
    /// Only say what would be.
    #[serde(default)]
    dry_run: bool,
    /// What happens to users that are there already; they are updated unless told.
    duplicates: Option<Word<Duplicates>>,
    /// New users get a welcome letter. Needs the permission `users.invite`.
    #[serde(default)]
    welcome: bool,
    /// Import the good rows even if others cannot be imported.
    #[serde(default)]
    only_good: bool,
    /// Name of the file, for the list.
    #[serde(default)]
    file: String,
}

/// How an import is started.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(rename = "ImportStart")]
struct Start {
    /// Import the good rows even if others cannot be imported.
    #[serde(default)]
    only_good: bool,
}

/// Rows by what they do.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportCounts")]
struct Counts {
    /// Make a user.
    new: u32,
    /// Change a user.
    changed: u32,
    /// Say what is so already.
    same: u32,
    /// Are of users that stay as they are.
    skipped: u32,
    /// Cannot be imported.
    bad: u32,
}

impl From<ImportCounts> for Counts {
    fn from(counts: ImportCounts) -> Self {
        let ImportCounts { new, changed, same, skipped, bad } = counts;
        Self { new, changed, same, skipped, bad }
    }
}

/// What is wrong with a row.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "ImportIssue")]
struct Issue {
    /// Line of the file where the row begins; the headings are line 1.
    line: u32,
    /// Heading of the column; empty for the row as a whole.
    column: String,
    /// What to write instead.
    message: String,
}

/// An import.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "UserImport")]
struct Import {
    /// Its id.
    id: Ref<UserImport>,
    /// Name of the file.
    file: String,
    /// How its letters were written.
    encoding: String,
    /// The separator found.
    separator: String,
    /// Its headings.
    columns: Vec<String>,
    /// What happens to users that are there already.
    duplicates: Word<Duplicates>,
    /// Where it stands.
    state: Word<ImportState>,
    /// Rows of the file.
    rows: u32,
    /// What the rows would do, as foreseen when the file was read.
    foreseen: Counts,
    /// What the rows did until now; rows that were refused when the file was read are not counted.
    done: Counts,
    /// What is wrong with rows; the first 500.
    issues: Vec<Issue>,
    /// When it was sent.
    created_at: i64,
    /// When it was over.
    finished_at: Option<i64>,
}

impl From<UserImport> for Import {
    fn from(import: UserImport) -> Self {
        let issue = |i: ImportIssue| Issue { line: i.line, column: i.column, message: i.message };
        Self {
            id: import.id.into(),
            file: import.file,
            encoding: import.encoding,
            separator: import.separator,
            columns: import.columns,
            duplicates: Word(import.duplicates),
            state: Word(import.state),
            rows: import.rows,
            foreseen: import.foreseen.into(),
            done: import.done.into(),
            issues: import.issues.into_iter().map(issue).collect(),
            created_at: import.created_at,
            finished_at: import.finished_at,
        }
    }
}

async fn template(call: Call) -> Result<File, Problem> {
    let bytes = imports::template(&call.engine, &call.scope)?;
    Ok(File { media: engine::export::Format::Csv.media(), name: "users.csv", bytes })
}

async fn send(call: Call, Params(sent): Params<Sent>, Csv(bytes): Csv) -> Result<Created<Import>, Problem> {
    let duplicates = sent.duplicates.map(|word| word.0).unwrap_or_default();
    let upload = Upload { file: sent.file, bytes, duplicates, welcome: sent.welcome };
    let import = imports::check(&call.engine, &call.scope, upload).await?;
    if !sent.dry_run {
        if import.foreseen.bad > 0 && !sent.only_good {
            imports::discard(&call.engine, &call.scope, import.id).await?;
            return Err(refused(&import).into());
        }
        imports::start(&call.engine, &call.scope, import.id, sent.only_good).await?;
    }
    let import = imports::get(&call.engine, &call.scope, import.id).await?;
    Ok(Created(format!("/api/v1/user-imports/{}", import.id), import.into()))
}

/// The bad rows as fields that were refused.
fn refused(import: &UserImport) -> Error {
    let issue = |i: &ImportIssue| engine::FieldIssue {
        field: format!("line {} {}", i.line, i.column).trim_end().to_owned(),
        message: i.message.clone(),
    };
    Error::Invalid(import.issues.iter().take(100).map(issue).collect())
}

async fn list(call: Call) -> Result<Json<Page<Import>>, Problem> {
    let all = imports::list(&call.engine, &call.scope).await?;
    Ok(Page::whole(all.into_iter().map(Import::from).collect()))
}

async fn show(call: Call, Path(id): Path<Ref<UserImport>>) -> Result<Json<Import>, Problem> {
    Ok(Json(imports::get(&call.engine, &call.scope, id.0).await?.into()))
}

async fn start(
    call: Call,
    Path(id): Path<Ref<UserImport>>,
    Body(start): Body<Start>,
) -> Result<Done, Problem> {
    imports::start(&call.engine, &call.scope, id.0, start.only_good).await?;
    Ok(Done)
}

async fn discard(call: Call, Path(id): Path<Ref<UserImport>>) -> Result<Done, Problem> {
    imports::discard(&call.engine, &call.scope, id.0).await?;
    Ok(Done)
}
