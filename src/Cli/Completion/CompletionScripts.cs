namespace DataSsl.Cli.Completion;

/// <summary>What each shell runs: it asks the program for the words, with the line up to the cursor.</summary>
internal static class CompletionScripts
{
    /// <summary>Files are offered where there is no word.</summary>
    public const string Bash = """
        _datassl() {
            mapfile -t COMPREPLY < <(datassl completion words "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
        }
        complete -o default -F _datassl datassl
        """;

    public const string Zsh = """
        _datassl() {
            local -a found
            found=("${(@f)$(datassl completion words "$LBUFFER" 2>/dev/null)}")
            if [[ -n ${found[1]} ]]; then compadd -- $found; else _files; fi
        }
        compdef _datassl datassl
        """;

    public const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName datassl -ScriptBlock {
            param($word, $command, $cursor)
            datassl completion words $command.ToString().PadRight($cursor).Substring(0, $cursor) 2>$null |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;
}
