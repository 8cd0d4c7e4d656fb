-- The span in which a task was submitted, as a W3C traceparent: an attempt that another process dispatches later belongs to
-- the same trace. Null unless traces are sent somewhere.
alter table tasks add column trace_parent text;
