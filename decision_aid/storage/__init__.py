"""Where answers are kept between pages, encrypted."""
