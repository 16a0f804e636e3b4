namespace DataSsl.Dense.Training;

/// <summary>Which class the backbone of a dense network is of: what it takes to write that class again.</summary>
/// <param name="Kind">Where its first weights came from: subnet, random, given or emitted.</param>
/// <param name="Title">What results call it.</param>
/// <param name="Space">The space's name; null for an emitted class, which says none.</param>
/// <param name="Source">The space as canonical YAML; null with <paramref name="Space"/>.</param>
/// <param name="Architecture">The canonical text; null with <paramref name="Space"/>.</param>
/// <param name="Size">Side of the square images that the class is made for.</param>
public sealed record BackboneOrigin(string Kind, string Title, string? Space, string? Source, string? Architecture, int Size);
