namespace DataSsl.Runtime.Views;

/// <summary>One value for each colour channel.</summary>
public readonly record struct Channels(double Red, double Green, double Blue);
