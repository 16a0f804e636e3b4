namespace DataSsl.SearchSpaces;

/// <summary>A named architecture of a space.</summary>
/// <param name="Name">A C# identifier such as ResNet50.</param>
/// <param name="Choices">One value for each axis of the space, in its order; on the grid or not.</param>
public sealed record Anchor(string Name, EquatableArray<int> Choices);
