// The same promises where no write-ahead log can be kept.

process.env.LETTERBOX_JOURNAL = 'rollback';
await import('./storage.test.mjs');
await import('./processes.test.mjs');
