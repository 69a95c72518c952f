<?php
error_reporting(E_ALL & ~E_DEPRECATED & ~E_NOTICE & ~E_WARNING); ini_set('display_errors','0'); ini_set('log_errors','1'); ini_set('error_log',__DIR__.'/err.log');
spl_autoload_register(function($c){$f='/usr/share/php/'.str_replace(['_','\\'],'/',$c).'.php'; if(is_file($f)) require_once $f;});
if (!class_exists('Horde_Exception_AuthenticationFailure')) { class Horde_Exception_AuthenticationFailure extends Horde_Exception {} }   // lives in a package Debian does not pull in
function db(){ return new Horde_Db_Adapter_Pdo_Sqlite(['dbname'=>__DIR__.'/state.db','charset'=>'utf-8']); }
