<?php require 'boot.php'; @unlink(__DIR__.'/state.db');
(new Horde_Db_Migration_Migrator(db(),null,['migrationsPath'=>'/usr/share/php/data/Horde_ActiveSync/migration']))->up();
