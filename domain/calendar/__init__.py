"""The calendar: entries, cadences, recurrences, windows and holidays."""
