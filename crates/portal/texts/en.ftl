# English. One message a text; values stand in braces. Every message of one language is in every other, by test.
app-name = My devices
app-short = Devices
skip = Skip to content
nav = Places
nav-devices = Devices
nav-enrol = Add a device
nav-account = Account
sign-out = Sign out
back-to-devices = All devices
since = Since { $time }

sign-in-title = Sign in
sign-in-lead = See your devices, what stands in their way, and lock out one that is lost.
sign-in-name = User name
sign-in-name-help = The same as for your mail, such as you@example.com.
sign-in-password = Password
sign-in-button = Sign in
sign-in-with = Sign in with { $name }
sign-in-or = Or with your name and password:
sign-in-provider-denied = That did not sign you in: it took too long, or your account there belongs to no user here. Try again, or ask your help desk.
sign-in-provider-away = It cannot be reached at the moment. Try again in a minute, or use your password.
sign-in-left = You are signed out here, and may still be signed in at { $name }. On a shared device, sign out there, too:
sign-in-left-button = Sign out at { $name }
sign-in-over = Your session is over. Sign in again; nothing was lost.

error-title = That did not work
error-not-found = There is nothing at this address, or it is not yours.
error-sign-in = Name or password is not right.
error-denied = Your organization does not offer this here. Ask your IT department.
error-locked = { $minutes ->
    [one] Too many wrong passwords. Try again in a minute.
   *[other] Too many wrong passwords. Try again in { $minutes } minutes.
}
error-password = This is not your password. Nothing was done.
error-again = First sign in again with the button, at most ten minutes before. Nothing was done.
error-new-password = Choose another new password: at least 8 characters, and none that is guessed first.
error-name = Enter a name of 1 to 100 characters.
error-entry = Something entered cannot be used. Nothing was done.
error-conflict = As things stand this is not possible. Look at the device again.
error-held = So much is happening in your organization that an administrator must approve it first. It waits for that now.
error-upstream = The mail server could not say whether the password is right. Try again in a minute.
error-busy = The server is busy. Try again in a moment.
error-internal = Something went wrong on our side. Give your IT department this reference: { $reference }
error-cross-site = This form did not come from our page. Open the page again and repeat it.

ago-now = just now
ago-minutes = { $count ->
    [one] a minute ago
   *[other] { $count } minutes ago
}
ago-hours = { $count ->
    [one] an hour ago
   *[other] { $count } hours ago
}
ago-days = { $count ->
    [one] a day ago
   *[other] { $count } days ago
}

devices-title = My devices
devices-none = No device of yours is known yet.
heard = heard of { $ago }
facts-title = About this device
fact-model = Model
fact-system = System
fact-heard = Last heard of
fact-enrolled = Added
fact-owner = Whose it is
owner-personal = Your own device
owner-company = A device of the company

state-fine = In order
state-fine-text = Nothing is in the way.
state-warned = Look at this
state-warned-text = Everything works still. What is below should be put right.
state-restricted = Restricted
state-restricted-text = Something is closed for this device. Below is why, and what opens it again.
state-blocked = Blocked
state-blocked-text = An administrator has blocked this device. Ask your IT department.
state-blocked-because = An administrator has blocked this device: { $reason }
state-lost = Reported lost
state-lost-text = You have reported this device lost. It gets no mail and no company network.
state-quarantined = Waits for approval
state-quarantined-text = The device is new. An administrator lets it in.
state-retired = No longer managed
state-retired-text = The company neither sees nor serves this device any more.
state-wiped = Wiped
state-wiped-text = The device confirmed that it was wiped. An administrator can let it in again.
state-wiping = Company data is being removed
state-wiping-text = The company’s mail leaves the device at its next contact.
state-erasing = Is being erased
state-erasing-text = Everything on the device is erased at its next contact.

target-activesync_connections = Mail
target-network_access = Company network
closed-title = { $target }: closed
warning-title = This should be put right
warning-until = From { $time } on it closes something.
what-to-do = What to do

rename-title = Rename
rename-label = Name of the device
rename-button = Save name
lost-title = Report lost
lost-text = The device gets no mail and no company network any more, and your IT department is told. When you find it again, you can undo this here.
lost-button = Report as lost
found-title = Found again?
found-text = Mail and network come back when you say so.
found-button = I have it again
wipe-title = Remove company data
wipe-text = The company’s mail, contacts and calendar leave the device at its next contact. What is yours stays.
wipe-button = Remove company data
erase-title = Erase the device
erase-text = Everything on the device is erased at its next contact. It cannot be undone.
erase-personal = This is your own device: photos, messages and apps of yours are erased as well.
erase-button = Erase everything
remove-title = Stop managing
remove-text = The device leaves this list, and the company’s record of it is removed.
remove-button = Take it off my list
password-again = Your password, once more
again-text = It takes a new sign-in with { $name }, at most ten minutes before. You come back to this page then.
again-button = Sign in again with { $name }

done-renamed = The name was changed.
done-lost = The device is reported lost and shut out.
done-found = The device is let in again.
done-wiping = Ordered. The device removes the company’s data at its next contact.
done-erasing = Ordered. The device erases itself at its next contact.
done-removed = The device was taken off your list.
done-password = Your password was changed. Enter the new one in your mail app too.
done-sessions = All other sessions were ended.
done-terms = You accepted the terms of use.

terms-title = Terms of use
terms-version = Version { $version }
terms-changes = What is new
terms-accept = I accept these terms
terms-none = There are no terms of use for you to accept.
terms-past = What you accepted
terms-due = The terms of use changed, or you have not accepted them yet.
terms-read = Read and accept them

diary-title = Diary
diary-link = Who saw or did what: the diary of this device
diary-lead = What administrators and the system did to this device and looked at, the latest first.
diary-none = There is nothing yet.
diary-command = An order
diary-access = access
who-administrator = { $name }, administrator
who-integration = a program of { $name }
who-network = the company’s network ({ $name })
who-mail-server = the mail server { $name }
who-you = you
who-former-user = an earlier user
who-device = the device
who-rules = the rules of the organization
who-operator = the operator of the server
who-system = the system by itself

account-title = Account
account-name = Name
account-email = E-mail
password-title = Change the password
password-text = It is also the password of your company mail. All other sessions end.
password-old = Present password
password-new = New password, at least 8 characters
password-button = Change password
sessions-title = Where you are signed in
sessions-here = this one
sessions-end = End all others
browser-unknown = Unknown browser

enrol-title = Add a device
enrol-lead = Sign in as for your mail. Before anything happens you see what the company will know of your device, and what not.
invite-lead = This is the invitation of { $name }. The code in it works once.
invite-pin = PIN that you were told
invite-button = Begin
invite-without = Go on with name and password
invite-unknown = This code is not known. Check it letter by letter.
invite-expired = This code was not used in time. Ask for a new one.
invite-used = This code was used already. Ask for a new one, or go on with your password.
invite-withdrawn = This code is no longer valid: a newer one was sent, or it was taken back.
invite-guessed = This code ended because of too many wrong PINs. Ask for a new one.
invite-disabled = This account is disabled. Ask your IT department.
invite-pin-wrong = { $left ->
    [one] The PIN is not right. It can be tried once more.
   *[other] The PIN is not right. It can be tried { $left } more times.
}
sees-title = What the company will know
sees-entered = Only if the company enters it or another system of the company tells it: { $what }
never-title = What it never asks for
can-title = What it can do
can-personal = Rules never erase your own device by themselves.
can-block = Shut the device out of mail and network.
can-forget_partnership = Make the device set its mail up anew.
can-account_wipe = Remove the company’s mail from the device.
can-full_wipe = Erase the device, if it is lost or leaves the company.
collect-make = Make, model, system version, mail app, and the name that you gave the device
collect-numbers = Phone number, network operator and IMEI, if the device tells them
collect-contacts = When the device was last heard of
collect-sites = At which of the company’s sites it was last seen, where the company has named networks as sites
collect-standing = Whether the company’s settings are in force, and whether it was blocked
collect-sign_ins = How often a sign-in failed
collect-inventory = serial and inventory numbers, where the device belongs
collect-safety = whether it is locked by a pass-code, encrypted and unchanged
collect-apps = which apps break the company’s rules
collect-usage = roaming, battery, free storage and data plan
collect-position = where it is
collect-content = What your mail says: it passes through and is not kept
collect-photos = Photos, files, messages and calls
collect-browsing = Which pages you visit and what you do in apps
collect-passwords = Passwords of other accounts
platforms = Platform
steps-title = Add it: { $platform }
steps-do = Do this
enter-title = Enter this
enter-email = E-mail
enter-server = Server
enter-domain = Domain
enter-user = User name
enter-password = Password
enter-password-value = the one of your mail
help-nobody = Something does not work? Ask your IT department.
help-contact = Something does not work? { $contact }
qr-label = QR code of this page
qr-text = Point the camera of your phone here to open this page on it.
steps-mail-ios-1 = Open Settings, then Apps and Mail (on older systems Mail at once).
steps-mail-ios-2 = Choose Accounts, Add Account, Microsoft Exchange.
steps-mail-ios-3 = Enter your address, choose Configure Manually, and fill in what is listed below.
steps-mail-ios-4 = Accept the rules, and choose a pass-code if you are asked for one.
steps-mail-android-1 = Open Gmail (or your mail app), then its settings and Add account.
steps-mail-android-2 = Choose Exchange and Office 365, and enter your address.
steps-mail-android-3 = Choose manual set-up if it is offered, and fill in what is listed below.
steps-mail-android-4 = Allow the administrator and the security rules when you are asked.
steps-mail-windows-1 = Open your mail program and add an account.
steps-mail-windows-2 = Choose Exchange ActiveSync or advanced set-up.
steps-mail-windows-3 = Fill in what is listed below and accept the rules.
steps-mail-macos-1 = Open System Settings, then Internet Accounts and Add Account.
steps-mail-macos-2 = Choose Microsoft Exchange, and fill in what is listed below.
steps-mail-macos-3 = A Mac may not take the company’s rules. If it stays unknown, ask for help.
steps-mail-other-1 = Open your mail app and add an account.
steps-mail-other-2 = Choose Microsoft Exchange or Exchange ActiveSync.
steps-mail-other-3 = Fill in what is listed below and accept the rules.

# Why a rule closes something, said to who carries the device.
rule-user_disabled = Your account is disabled.
rule-blocked_by_hand = The device was blocked.
rule-policy_out_of_date = The device has not taken the company’s newest settings yet.
rule-policy_refused = The device refused the company’s settings, or took only a part of them.
rule-no_contact = The device was not heard of for too long.
rule-os_below_minimum = The operating system is too old.
rule-os_above_maximum = The operating system is newer than the company has approved.
rule-device_not_allowed = Devices of this kind are not allowed.
rule-liability_not_allowed = Devices of this ownership are not allowed.
rule-managed_by_mail_only = The device is known by its mail account alone.
rule-auth_failures = Too many sign-ins failed, mostly because an old password is still entered.
rule-patch_too_old = The latest security update is missing.
rule-compromised = The operating system was tampered with.
rule-pass_code_missing = The device is not locked by a pass-code.
rule-not_encrypted = The storage of the device is not encrypted.
rule-attestation_failed = The device could not prove that it is unchanged.
rule-developer_options = Developer options or apps from unknown sources are allowed.
rule-management_removed = The company’s management was removed from the device.
rule-not_supervised = The device is not supervised.
rule-profile_missing = A profile of the company is missing.
rule-certificate_expiring = The certificate of the device is missing or expires.
rule-nonconformance_reported = The device does not follow some of the company’s settings.
rule-commands_failing = The device does not carry out what it is told.
rule-unwanted_app = An app is installed that the company does not want.
rule-app_not_allowed = An app is installed that is not on the list of allowed ones.
rule-required_app_missing = A required app is missing or too old.
rule-data_usage = The data plan is used up.
rule-roaming = The device is in a foreign network.
rule-sim_changed = The SIM is another one than before.
rule-location_off = The device does not say where it is.
rule-outside_geofence = The device is outside the place where it may be used.
rule-terms_not_accepted = The terms of use are not accepted yet.
rule-storage_nearly_full = The storage is nearly full.
rule-clock_skew = The clock of the device is wrong.
rule-agent_too_old = The device app is too old.
rule-battery_worn = The battery is worn out.
