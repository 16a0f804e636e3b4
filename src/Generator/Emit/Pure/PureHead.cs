using System.Collections.Generic;

namespace DataSsl.Generator.Emit.Pure;

/// <summary>A public class over a network's maps, written above it: a detector, say.</summary>
/// <param name="ClassName">What it is called.</param>
/// <param name="Source">The class; it makes the network of its weights and a machine.</param>
/// <param name="Kernels">The kernels' types that it names.</param>
public sealed record PureHead(string ClassName, string Source, IReadOnlyList<string> Kernels);
