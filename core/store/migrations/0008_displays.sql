-- Figures and tables: whether a run may show any, and what an attempt has shown.

ALTER TABLE runs
  ADD COLUMN display_scale double precision NOT NULL DEFAULT 0,    -- pixels of a figure for each of a page; 0: nothing can be shown
  ADD COLUMN dropped_displays integer NOT NULL DEFAULT 0;

ALTER TABLE attempts ADD COLUMN displays jsonb;        -- without their bytes, which are in output_chunks: see output_chunk.h
