namespace DataSsl.Runtime.Training;

/// <summary>A training whose loss or weights became infinite or NaN: a failure of the run, and not of the program.</summary>
public sealed class DivergedException(string message) : InvalidOperationException(message);
