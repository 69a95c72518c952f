# Deutsch.
app-name = Meine Geräte
app-short = Geräte
skip = Zum Inhalt
nav = Bereiche
nav-devices = Geräte
nav-enrol = Gerät hinzufügen
nav-account = Konto
sign-out = Abmelden
back-to-devices = Alle Geräte
since = Seit { $time }

sign-in-title = Anmelden
sign-in-lead = Sehen Sie Ihre Geräte und was ihnen im Weg steht, und sperren Sie ein verlorenes aus.
sign-in-name = Benutzername
sign-in-name-help = Derselbe wie für Ihre E-Mail, etwa sie@example.com.
sign-in-password = Passwort
sign-in-button = Anmelden
sign-in-with = Mit { $name } anmelden
sign-in-or = Oder mit Ihrem Namen und Passwort:
sign-in-provider-denied = Damit sind Sie nicht angemeldet: Es hat zu lange gedauert, oder Ihr Konto dort gehört hier zu keinem Benutzer. Versuchen Sie es noch einmal, oder fragen Sie Ihren Helpdesk.
sign-in-provider-away = Der Dienst ist gerade nicht zu erreichen. Versuchen Sie es in einer Minute wieder, oder nehmen Sie Ihr Passwort.
sign-in-left = Hier sind Sie abgemeldet; bei { $name } sind Sie es vielleicht noch nicht. Melden Sie sich auf einem gemeinsamen Gerät auch dort ab:
sign-in-left-button = Bei { $name } abmelden
sign-in-over = Ihre Sitzung ist beendet. Melden Sie sich neu an; verloren ist nichts.

error-title = Das ging nicht
error-not-found = Unter dieser Adresse gibt es nichts, oder es gehört nicht Ihnen.
error-sign-in = Name oder Passwort stimmt nicht.
error-denied = Ihre Organisation bietet das hier nicht an. Fragen Sie Ihre IT-Abteilung.
error-locked = { $minutes ->
    [one] Zu viele falsche Passwörter. Versuchen Sie es in einer Minute wieder.
   *[other] Zu viele falsche Passwörter. Versuchen Sie es in { $minutes } Minuten wieder.
}
error-password = Das ist nicht Ihr Passwort. Es wurde nichts getan.
error-again = Melden Sie sich erst noch einmal mit der Schaltfläche an, höchstens zehn Minuten vorher. Es wurde nichts getan.
error-new-password = Wählen Sie ein anderes neues Passwort: mindestens 8 Zeichen, und keines, das zuerst geraten wird.
error-name = Geben Sie einen Namen mit 1 bis 100 Zeichen ein.
error-entry = Eine Eingabe ist nicht zu gebrauchen. Es wurde nichts getan.
error-conflict = So wie die Dinge stehen, geht das nicht. Sehen Sie sich das Gerät noch einmal an.
error-held = In Ihrer Organisation geschieht gerade so viel, dass erst ein Administrator zustimmen muss. Darauf wartet es jetzt.
error-upstream = Der Mailserver konnte nicht sagen, ob das Passwort stimmt. Versuchen Sie es in einer Minute wieder.
error-busy = Der Server ist beschäftigt. Versuchen Sie es gleich wieder.
error-internal = Bei uns ist etwas schiefgegangen. Nennen Sie Ihrer IT-Abteilung dieses Zeichen: { $reference }
error-cross-site = Dieses Formular kam nicht von unserer Seite. Öffnen Sie die Seite neu und wiederholen Sie es.

ago-now = gerade eben
ago-minutes = { $count ->
    [one] vor einer Minute
   *[other] vor { $count } Minuten
}
ago-hours = { $count ->
    [one] vor einer Stunde
   *[other] vor { $count } Stunden
}
ago-days = { $count ->
    [one] vor einem Tag
   *[other] vor { $count } Tagen
}

devices-title = Meine Geräte
devices-none = Von Ihnen ist noch kein Gerät bekannt.
heard = gehört { $ago }
facts-title = Über dieses Gerät
fact-model = Modell
fact-system = System
fact-heard = Zuletzt gehört
fact-enrolled = Hinzugefügt
fact-owner = Wem es gehört
owner-personal = Ihr eigenes Gerät
owner-company = Ein Gerät der Firma

state-fine = In Ordnung
state-fine-text = Nichts steht im Weg.
state-warned = Bitte ansehen
state-warned-text = Noch geht alles. Was unten steht, sollte in Ordnung gebracht werden.
state-restricted = Eingeschränkt
state-restricted-text = Etwas ist für dieses Gerät geschlossen. Unten steht, warum, und was es wieder öffnet.
state-blocked = Gesperrt
state-blocked-text = Ein Administrator hat dieses Gerät gesperrt. Fragen Sie Ihre IT-Abteilung.
state-blocked-because = Ein Administrator hat dieses Gerät gesperrt: { $reason }
state-lost = Als verloren gemeldet
state-lost-text = Sie haben dieses Gerät als verloren gemeldet. Es bekommt keine E-Mail und kein Firmennetz.
state-quarantined = Wartet auf Freigabe
state-quarantined-text = Das Gerät ist neu. Ein Administrator lässt es ein.
state-retired = Nicht mehr verwaltet
state-retired-text = Die Firma sieht und bedient dieses Gerät nicht mehr.
state-wiped = Gelöscht
state-wiped-text = Das Gerät hat bestätigt, dass es gelöscht wurde. Ein Administrator kann es wieder einlassen.
state-wiping = Firmendaten werden entfernt
state-wiping-text = Die E-Mail der Firma verlässt das Gerät beim nächsten Kontakt.
state-erasing = Wird gelöscht
state-erasing-text = Beim nächsten Kontakt wird alles auf dem Gerät gelöscht.

target-activesync_connections = E-Mail
target-network_access = Firmennetz
closed-title = { $target }: geschlossen
warning-title = Das sollte in Ordnung gebracht werden
warning-until = Ab { $time } schließt es etwas.
what-to-do = Was zu tun ist

rename-title = Umbenennen
rename-label = Name des Geräts
rename-button = Namen speichern
lost-title = Verlust melden
lost-text = Das Gerät bekommt keine E-Mail und kein Firmennetz mehr, und Ihre IT-Abteilung erfährt es. Wenn Sie es wiederfinden, können Sie das hier zurücknehmen.
lost-button = Als verloren melden
found-title = Wiedergefunden?
found-text = E-Mail und Netz kommen zurück, wenn Sie es sagen.
found-button = Ich habe es wieder
wipe-title = Firmendaten entfernen
wipe-text = E-Mail, Kontakte und Kalender der Firma verlassen das Gerät beim nächsten Kontakt. Was Ihnen gehört, bleibt.
wipe-button = Firmendaten entfernen
erase-title = Gerät löschen
erase-text = Beim nächsten Kontakt wird alles auf dem Gerät gelöscht. Das lässt sich nicht zurücknehmen.
erase-personal = Es ist Ihr eigenes Gerät: Auch Ihre Fotos, Nachrichten und Apps werden gelöscht.
erase-button = Alles löschen
remove-title = Verwaltung beenden
remove-text = Das Gerät verlässt diese Liste, und der Eintrag der Firma dazu wird entfernt.
remove-button = Von meiner Liste nehmen
password-again = Noch einmal Ihr Passwort
again-text = Dazu melden Sie sich mit { $name } neu an, höchstens zehn Minuten vorher. Danach kommen Sie auf diese Seite zurück.
again-button = Mit { $name } neu anmelden

done-renamed = Der Name wurde geändert.
done-lost = Das Gerät ist als verloren gemeldet und ausgesperrt.
done-found = Das Gerät ist wieder eingelassen.
done-wiping = Angeordnet. Das Gerät entfernt die Firmendaten beim nächsten Kontakt.
done-erasing = Angeordnet. Das Gerät löscht sich beim nächsten Kontakt.
done-removed = Das Gerät wurde von Ihrer Liste genommen.
done-password = Ihr Passwort wurde geändert. Geben Sie das neue auch in Ihrer Mail-App ein.
done-sessions = Alle anderen Sitzungen wurden beendet.
done-terms = Sie haben den Nutzungsbedingungen zugestimmt.

terms-title = Nutzungsbedingungen
terms-version = Version { $version }
terms-changes = Was neu ist
terms-accept = Ich stimme zu
terms-none = Für Sie gibt es keine Nutzungsbedingungen, denen Sie zustimmen müssten.
terms-past = Wem Sie zugestimmt haben
terms-due = Die Nutzungsbedingungen sind neu, oder Sie haben ihnen noch nicht zugestimmt.
terms-read = Lesen und zustimmen

diary-title = Tagebuch
diary-link = Wer was sah oder tat: das Tagebuch dieses Geräts
diary-lead = Was Administratoren und das System mit diesem Gerät taten und sich ansahen, das Neueste zuerst.
diary-none = Es gibt noch nichts.
diary-command = Eine Anordnung
diary-access = Zugang
who-administrator = { $name }, Administrator
who-integration = ein Programm von { $name }
who-network = das Netz der Firma ({ $name })
who-mail-server = der Mailserver { $name }
who-you = Sie
who-former-user = ein früherer Benutzer
who-device = das Gerät
who-rules = die Regeln der Organisation
who-operator = der Betreiber des Servers
who-system = das System von selbst

account-title = Konto
account-name = Name
account-email = E-Mail
password-title = Passwort ändern
password-text = Es ist auch das Passwort Ihrer Firmen-E-Mail. Alle anderen Sitzungen enden.
password-old = Jetziges Passwort
password-new = Neues Passwort, mindestens 8 Zeichen
password-button = Passwort ändern
sessions-title = Wo Sie angemeldet sind
sessions-here = diese hier
sessions-end = Alle anderen beenden
browser-unknown = Unbekannter Browser

enrol-title = Gerät hinzufügen
enrol-lead = Melden Sie sich an wie für Ihre E-Mail. Bevor etwas geschieht, sehen Sie, was die Firma von Ihrem Gerät wissen wird und was nicht.
invite-lead = Das ist die Einladung von { $name }. Der Code darin gilt einmal.
invite-pin = PIN, die Ihnen gesagt wurde
invite-button = Beginnen
invite-without = Mit Name und Passwort fortfahren
invite-unknown = Diesen Code gibt es nicht. Prüfen Sie ihn Buchstabe für Buchstabe.
invite-expired = Dieser Code wurde nicht rechtzeitig benutzt. Bitten Sie um einen neuen.
invite-used = Dieser Code wurde schon benutzt. Bitten Sie um einen neuen, oder fahren Sie mit Ihrem Passwort fort.
invite-withdrawn = Dieser Code gilt nicht mehr: Ein neuerer wurde gesandt, oder er wurde zurückgezogen.
invite-guessed = Dieser Code endete wegen zu vieler falscher PINs. Bitten Sie um einen neuen.
invite-disabled = Dieses Konto ist abgeschaltet. Fragen Sie Ihre IT-Abteilung.
invite-pin-wrong = { $left ->
    [one] Die PIN stimmt nicht. Sie kann noch einmal versucht werden.
   *[other] Die PIN stimmt nicht. Sie kann noch { $left } Mal versucht werden.
}
sees-title = Was die Firma wissen wird
sees-entered = Nur wenn die Firma es einträgt oder ein anderes System der Firma es meldet: { $what }
never-title = Wonach sie nie fragt
can-title = Was sie tun kann
can-personal = Regeln löschen Ihr eigenes Gerät nie von selbst.
can-block = Das Gerät von E-Mail und Netz aussperren.
can-forget_partnership = Das Gerät seine E-Mail neu einrichten lassen.
can-account_wipe = Die E-Mail der Firma vom Gerät entfernen.
can-full_wipe = Das Gerät löschen, wenn es verloren ist oder die Firma verlässt.
collect-make = Hersteller, Modell, Systemversion, Mail-App und den Namen, den Sie dem Gerät gaben
collect-numbers = Telefonnummer, Netzbetreiber und IMEI, wenn das Gerät sie nennt
collect-contacts = Wann das Gerät zuletzt gehört wurde
collect-sites = An welchem Standort der Firma es zuletzt gesehen wurde, wo die Firma Netze als Standorte benannt hat
collect-standing = Ob die Einstellungen der Firma gelten und ob es gesperrt wurde
collect-sign_ins = Wie oft eine Anmeldung misslang
collect-inventory = Serien- und Inventarnummern, wohin das Gerät gehört
collect-safety = ob es mit einem Code gesperrt, verschlüsselt und unverändert ist
collect-apps = welche Apps gegen die Regeln der Firma verstoßen
collect-usage = Roaming, Akku, freier Speicher und Datentarif
collect-position = wo es ist
collect-content = Was in Ihren E-Mails steht: Sie gehen hindurch und werden nicht aufbewahrt
collect-photos = Fotos, Dateien, Nachrichten und Anrufe
collect-browsing = Welche Seiten Sie besuchen und was Sie in Apps tun
collect-passwords = Passwörter anderer Konten
platforms = Plattform
steps-title = Hinzufügen: { $platform }
steps-do = Tun Sie dies
enter-title = Geben Sie dies ein
enter-email = E-Mail
enter-server = Server
enter-domain = Domäne
enter-user = Benutzername
enter-password = Passwort
enter-password-value = das Ihrer E-Mail
help-nobody = Etwas geht nicht? Fragen Sie Ihre IT-Abteilung.
help-contact = Etwas geht nicht? { $contact }
qr-label = QR-Code dieser Seite
qr-text = Richten Sie die Kamera Ihres Telefons hierher, um diese Seite darauf zu öffnen.
steps-mail-ios-1 = Öffnen Sie Einstellungen, dann Apps und Mail (auf älteren Systemen gleich Mail).
steps-mail-ios-2 = Wählen Sie Accounts, Account hinzufügen, Microsoft Exchange.
steps-mail-ios-3 = Geben Sie Ihre Adresse ein, wählen Sie Manuell konfigurieren, und tragen Sie ein, was unten steht.
steps-mail-ios-4 = Stimmen Sie den Regeln zu, und wählen Sie einen Code, wenn danach gefragt wird.
steps-mail-android-1 = Öffnen Sie Gmail (oder Ihre Mail-App), dann die Einstellungen und Konto hinzufügen.
steps-mail-android-2 = Wählen Sie Exchange und Office 365, und geben Sie Ihre Adresse ein.
steps-mail-android-3 = Wählen Sie die manuelle Einrichtung, wenn sie angeboten wird, und tragen Sie ein, was unten steht.
steps-mail-android-4 = Erlauben Sie den Administrator und die Sicherheitsregeln, wenn danach gefragt wird.
steps-mail-windows-1 = Öffnen Sie Ihr Mailprogramm und fügen Sie ein Konto hinzu.
steps-mail-windows-2 = Wählen Sie Exchange ActiveSync oder die erweiterte Einrichtung.
steps-mail-windows-3 = Tragen Sie ein, was unten steht, und stimmen Sie den Regeln zu.
steps-mail-macos-1 = Öffnen Sie die Systemeinstellungen, dann Internetaccounts und Account hinzufügen.
steps-mail-macos-2 = Wählen Sie Microsoft Exchange, und tragen Sie ein, was unten steht.
steps-mail-macos-3 = Ein Mac nimmt die Regeln der Firma vielleicht nicht an. Bleibt er unbekannt, fragen Sie um Hilfe.
steps-mail-other-1 = Öffnen Sie Ihre Mail-App und fügen Sie ein Konto hinzu.
steps-mail-other-2 = Wählen Sie Microsoft Exchange oder Exchange ActiveSync.
steps-mail-other-3 = Tragen Sie ein, was unten steht, und stimmen Sie den Regeln zu.

# Warum eine Regel etwas schließt, dem gesagt, der das Gerät trägt.
rule-user_disabled = Ihr Konto ist abgeschaltet.
rule-blocked_by_hand = Das Gerät wurde gesperrt.
rule-policy_out_of_date = Das Gerät hat die neuesten Einstellungen der Firma noch nicht übernommen.
rule-policy_refused = Das Gerät hat die Einstellungen der Firma abgelehnt oder nur zum Teil übernommen.
rule-no_contact = Von dem Gerät wurde zu lange nichts gehört.
rule-os_below_minimum = Das Betriebssystem ist zu alt.
rule-os_above_maximum = Das Betriebssystem ist neuer, als die Firma freigegeben hat.
rule-device_not_allowed = Geräte dieser Art sind nicht erlaubt.
rule-liability_not_allowed = Geräte dieses Eigentums sind nicht erlaubt.
rule-managed_by_mail_only = Das Gerät ist nur durch sein Mailkonto bekannt.
rule-auth_failures = Zu viele Anmeldungen misslangen, meist weil noch ein altes Passwort eingetragen ist.
rule-patch_too_old = Die neueste Sicherheitsaktualisierung fehlt.
rule-compromised = Das Betriebssystem wurde manipuliert.
rule-pass_code_missing = Das Gerät ist nicht mit einem Code gesperrt.
rule-not_encrypted = Der Speicher des Geräts ist nicht verschlüsselt.
rule-attestation_failed = Das Gerät konnte nicht beweisen, dass es unverändert ist.
rule-developer_options = Entwickleroptionen oder Apps aus unbekannten Quellen sind erlaubt.
rule-management_removed = Die Verwaltung der Firma wurde vom Gerät entfernt.
rule-not_supervised = Das Gerät ist nicht betreut.
rule-profile_missing = Ein Profil der Firma fehlt.
rule-certificate_expiring = Das Zertifikat des Geräts fehlt oder läuft ab.
rule-nonconformance_reported = Das Gerät hält einige Einstellungen der Firma nicht ein.
rule-commands_failing = Das Gerät führt nicht aus, was ihm gesagt wird.
rule-unwanted_app = Eine App ist installiert, die die Firma nicht will.
rule-app_not_allowed = Eine App ist installiert, die nicht auf der Liste der erlaubten steht.
rule-required_app_missing = Eine verlangte App fehlt oder ist zu alt.
rule-data_usage = Der Datentarif ist aufgebraucht.
rule-roaming = Das Gerät ist in einem fremden Netz.
rule-sim_changed = Die SIM ist eine andere als zuvor.
rule-location_off = Das Gerät sagt nicht, wo es ist.
rule-outside_geofence = Das Gerät ist außerhalb des Ortes, an dem es benutzt werden darf.
rule-terms_not_accepted = Die Nutzungsbedingungen sind noch nicht angenommen.
rule-storage_nearly_full = Der Speicher ist fast voll.
rule-clock_skew = Die Uhr des Geräts geht falsch.
rule-agent_too_old = Die Geräte-App ist zu alt.
rule-battery_worn = Der Akku ist verbraucht.
