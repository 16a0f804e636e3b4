using DataSsl.Runtime;
using DataSsl.Runtime.Supernets;
using DataSsl.Search.Costs;
using DataSsl.Search.Results;
using DataSsl.Search.Scores;

namespace DataSsl.Search.Emit;

/// <summary>What the winners of a search are called: a pattern of space, budget and task, each as a part of an identifier.</summary>
public static class WinnerNames
{
    /// <summary>Gives <c>DataResNet_3G_Detection</c>.</summary>
    public const string Usual = "{space}_{budget}_{task}";

    /// <summary>One class name a winner, in their order.</summary>
    /// <exception cref="UserException">The pattern gives no names for C# classes, or one name to two winners.</exception>
    public static IReadOnlyList<string> Of(string pattern, SearchSpace space, IReadOnlyList<Winner> winners, string @namespace)
    {
        var names = winners.Select(winner => Of(pattern, space, winner)).ToList();
        foreach (var (name, i) in names.Select((name, i) => (name, i)))
        {
            if (name.Contains('{', StringComparison.Ordinal))
                throw new UserException($"--name {pattern}: knows {{space}}, {{budget}} and {{task}}, and nothing else in braces");
            EmittedNames.Check(space, name, @namespace);
            // Their files would be one where a disk does not tell capitals from others.
            if (names.FindIndex(other => other.Equals(name, StringComparison.OrdinalIgnoreCase)) is var first && first < i)
                throw new UserException(
                    $"--name {pattern}: gives '{name}' to two winners, {Told(winners[first])} and {Told(winners[i])}; tell them apart by {{budget}} and {{task}}");
        }
        return names;
    }

    private static string Of(string pattern, SearchSpace space, Winner winner) => pattern
        .Replace("{space}", space.Name, StringComparison.Ordinal)
        .Replace("{budget}", Budget.Parse(winner.Budget).Identifier, StringComparison.Ordinal)
        .Replace("{task}", SearchTask.IdentifierOf(winner.Task), StringComparison.Ordinal);

    private static string Told(Winner winner) => $"{winner.Budget} for {winner.Task}";
}
