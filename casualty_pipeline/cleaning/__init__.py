"""From strings as given to typed values with their doubts: names, dates, ages, places, vocabulary."""
