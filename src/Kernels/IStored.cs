namespace DataSsl.Kernels;

/// <summary>How a step's results are stored; of each the compiler makes a body of its own.</summary>
internal interface IStored
{
    static abstract bool InBytes { get; }
}

/// <summary>As values of 32 bits.</summary>
internal readonly struct StoredValues : IStored
{
    public static bool InBytes => false;
}

/// <summary>As the bytes that the next layer takes.</summary>
internal readonly struct StoredBytes : IStored
{
    public static bool InBytes => true;
}
