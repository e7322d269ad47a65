-- Two rooms for the page of queries: in `kitchen` a call that comes about, and
-- one that nobody answers; in `garden` a caller without candidates.
INSERT INTO meta (one, epoch, newest) VALUES (1, 'fixture0', 16);
INSERT INTO room (row, namespace, name, created_at) VALUES
  (1, 'rooms', 'kitchen', 1795204800000), (2, 'rooms', 'garden', 1795204860000);
INSERT INTO peer (row, room, id, state, changed_at, since, joined, cursor) VALUES
  (1, 1, 'ada', 2, 1795204800000, 1795204800000, 1, 6),
  (2, 1, 'bob', 5, 1795204833000, 1795204801000, 2, 5),
  (3, 1, 'cyd', 3, 1795204845000, 1795204804000, 8, 0),
  (4, 2, 'dan', 2, 1795204860000, 1795204860000, 12, 15),
  (5, 2, 'eve', 2, 1795204861000, 1795204861000, 13, 14);
INSERT INTO message (seq, room, sender, recipient, type, size, posted_at, body)
SELECT column1, column2, column3, column4, column5, length(column7), column6,
  column7 FROM (VALUES
  (1, 1, 1, NULL, 'joined', 1795204800000, '{"name":"Ada"}'),
  (2, 1, 2, NULL, 'joined', 1795204801000, '{}'),
  (3, 1, 1, 2, 'description', 1795204801250, '{"type":"offer","sdp":"v=0"}'),
  (4, 1, 1, 2, 'candidate', 1795204801300, '{"candidate":"candidate:1 1 udp 1 192.0.2.1 5 typ host"}'),
  (5, 1, 1, 2, 'candidate', 1795204801310, 'null'),
  (6, 1, 2, 1, 'description', 1795204801430, '{"type":"answer","sdp":"v=0","re":3}'),
  (7, 1, 2, 1, 'candidate', 1795204801480, '{"candidate":"candidate:2 1 udp 1 192.0.2.2 5 typ host"}'),
  (8, 1, 3, NULL, 'joined', 1795204804000, '{}'),
  (9, 1, 1, 3, 'description', 1795204804200, '{"type":"offer","sdp":"v=0"}'),
  (10, 1, 1, 3, 'candidate', 1795204804260, '{"candidate":"candidate:1 1 udp 1 192.0.2.1 6 typ host"}'),
  (11, 1, 2, NULL, 'left', 1795204833000, '{"reason":"leave"}'),
  (12, 2, 4, NULL, 'joined', 1795204860000, '{}'),
  (13, 2, 5, NULL, 'joined', 1795204861000, '{}'),
  (14, 2, 4, 5, 'description', 1795204861100, '{"type":"offer","sdp":"v=0"}'),
  (15, 2, 5, 4, 'description', 1795204864900, '{"type":"answer","sdp":"v=0","re":14}'),
  (16, 1, 3, NULL, 'left', 1795204845000, '{"reason":"lease"}'));
