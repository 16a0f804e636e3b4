using System.Globalization;
using DataSsl.Runtime;
using DataSsl.Search.Candidates;
using DataSsl.Search.Report;
using DataSsl.Search.Scores;

namespace DataSsl.Cli.Verbs;

/// <summary>A search as asked for.</summary>
/// <param name="PerBudget">How many candidates to draw from each budget; null for all.</param>
/// <param name="Size">Side of the images in pixels; null for that of the training.</param>
internal sealed record SearchRequest(
    string Checkpoint, string Data, string Folder, IReadOnlyList<SearchTask> Tasks, IReadOnlyList<string> Budgets, int? PerBudget, int Images, int? Size, long Seed)
{
    /// <summary>A file that lists the candidates; null for those of the space.</summary>
    public string? List { get; init; }

    /// <summary>Bytes that a process may take; null for a share of the machine's.</summary>
    public long? Memory { get; init; }

    /// <summary>Other images to rank on too; null for none.</summary>
    public string? CompareDomain { get; init; }

    /// <summary>Whether to go on with what was begun in the folder.</summary>
    public bool Resume { get; init; }

    /// <summary>What is to be ranked on images of a size.</summary>
    public CandidateSet Candidates(SearchSpace space, int size)
    {
        var budgets = Budgets.Select(text => Budget.Of(space, text)).Distinct().ToList();
        return List is null ? CandidateSet.Collect(space, budgets, size, PerBudget, Seed) : CandidateSet.Among(CandidateFile.Read(space, List), budgets, size, List);
    }

    /// <summary>The command line that asks for the same search, defaults spelt out, for a shell.</summary>
    public string CommandLine(int? size) => string.Join(' ',
    [
        "datassl search",
        "--checkpoint", ShellWord.Of(Checkpoint),
        "--data", ShellWord.Of(Data),
        "--tasks", ShellWord.Of(string.Join(',', Tasks)),
        "--budgets", ShellWord.Of(string.Join(',', Budgets)),
        .. List is null ? (string[])["--candidates", PerBudget?.ToString(CultureInfo.InvariantCulture) ?? "all"] : ["--list", ShellWord.Of(List)],
        string.Create(CultureInfo.InvariantCulture, $"--images {Images}{(size is null ? "" : $" --size {size}")} --seed {Seed}"),
        .. CompareDomain is null ? (string[])[] : ["--compare-domain", ShellWord.Of(CompareDomain)],
        "--out", ShellWord.Of(Folder),
    ]);
}
