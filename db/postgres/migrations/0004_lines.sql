-- Compressing each line took longer than writing it.
ALTER TABLE changes ALTER COLUMN body SET STORAGE EXTERNAL;
