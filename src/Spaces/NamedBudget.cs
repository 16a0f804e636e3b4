namespace DataSsl.SearchSpaces;

/// <summary>A named budget of a space: the architectures within all of its limits.</summary>
/// <param name="Text">As <see cref="BudgetText"/> reads it and the command line takes it: <c>3-4G</c>, <c>params&lt;=25M</c>.</param>
public sealed record NamedBudget(string Name, string Text)
{
    /// <summary>The limits that the text joins: an architecture within the budget keeps them all.</summary>
    /// <exception cref="System.InvalidOperationException">The text is no budget.</exception>
    public EquatableArray<BudgetLimit> Limits => BudgetText.Parse(Text, out _)!.Value;
}
