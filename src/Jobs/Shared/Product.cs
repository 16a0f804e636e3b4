namespace DataSsl.Jobs.Shared;

/// <summary>The program that writes a result.</summary>
internal static class Product
{
    public static string Version { get; } = typeof(Product).Assembly.GetName().Version!.ToString(3);
}
