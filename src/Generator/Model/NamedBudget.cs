using System;

namespace DataSsl.Generator.Model;

/// <summary>A named budget: the architectures of at least <paramref name="From"/> and less than <paramref name="To"/> of a measure.</summary>
/// <param name="Text">As written, which is how the command line takes it.</param>
/// <param name="OfParameters">Limits parameters; MACs otherwise.</param>
public sealed record NamedBudget(string Name, string Text, bool OfParameters, long From, long To) : IEquatable<NamedBudget>;
