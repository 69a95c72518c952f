//! Exports of what the grid shows.

use catalog::Permission;
use door::Access;
use engine::devices::{self, Format};
use http::Method;

use super::list::DeviceQuery;
use crate::v1::answer::File;
use crate::v1::endpoint::{Family, endpoint};
use crate::v1::input::{Call, Params};
use crate::v1::problem::Problem;

pub(in crate::v1) fn family() -> Family {
    let access = Access::Needs(Permission::DevicesExport);
    Family {
        name: "Exports",
        about: "All matching devices in one file, with the query parameters of the list; journaled.",
        endpoints: vec![
            endpoint(Method::GET, "/api/v1/exports/devices.csv", access, csv, "Export devices as CSV")
                .says("UTF-8 with a byte order mark; what a spreadsheet would run as a formula is disarmed.")
                .query::<DeviceQuery>()
                .file(&["text/csv"]),
            endpoint(Method::GET, "/api/v1/exports/devices.json", access, json, "Export devices as JSON")
                .says("An array of objects with the columns as texts.")
                .query::<DeviceQuery>()
                .file(&["application/json"]),
        ],
    }
}

async fn export(call: Call, query: DeviceQuery, format: Format) -> Result<Vec<u8>, Problem> {
    Ok(devices::export(&call.engine, &call.scope, query.grid()?, query.columns(), format).await?)
}

async fn csv(call: Call, Params(query): Params<DeviceQuery>) -> Result<File, Problem> {
    let bytes = export(call, query, Format::Csv).await?;
    Ok(File { media: "text/csv; charset=utf-8; header=present", name: "devices.csv", bytes })
}

async fn json(call: Call, Params(query): Params<DeviceQuery>) -> Result<File, Problem> {
    let bytes = export(call, query, Format::Json).await?;
    Ok(File { media: "application/json", name: "devices.json", bytes })
}
