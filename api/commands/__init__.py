"""The subcommands of `changegate`, one file for each thing an operator looks after."""
