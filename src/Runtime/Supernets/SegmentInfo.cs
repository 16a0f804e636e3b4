namespace DataSsl.Runtime.Supernets;

/// <summary>A part of the network that can run by itself: the stem or a stage.</summary>
/// <param name="Name">stem, stage1, …</param>
/// <param name="Tap">Name of its output map, C1 to C5.</param>
/// <param name="DepthAxis">The axis that says how many leading blocks run; -1 where all do.</param>
/// <param name="Blocks">Blocks of the deepest architecture.</param>
/// <param name="ChannelFactor">Output channels are this many times the choice of <paramref name="ChannelAxis"/>.</param>
/// <param name="ChannelAxis">Axis of the output channels; -1 where they are the factor itself.</param>
/// <param name="Axes">The axes that belong to this segment.</param>
public sealed record SegmentInfo(string Name, string Tap, int DepthAxis, int Blocks, int ChannelFactor, int ChannelAxis, int[] Axes);
