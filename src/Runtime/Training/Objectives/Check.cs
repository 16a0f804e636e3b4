namespace DataSsl.Runtime.Training.Objectives;

/// <summary>Checks of settings; each tells its problem as <c>option value: mend</c>, or is null.</summary>
internal static class Check
{
    public static string? Head(int dimension, int hidden) => AtLeastOne("dimension", dimension) ?? AtLeastOne("hidden", hidden);

    public static string? Queue(int length, int batch) =>
        length < 1 || length % batch != 0 ? $"queue {length}: give a multiple of the batch, such as {Math.Max(1, length / batch) * batch}" : null;

    public static string? AtLeastOne(string name, int value) => value < 1 ? $"{name} {value}: give 1 or more" : null;

    public static string? NotNegative(string name, double value) => value is >= 0 and < double.PositiveInfinity ? null : FormattableString.Invariant($"{name} {value}: give 0 or a number above");

    public static string? Above(string name, double value) => value > 0 && double.IsFinite(value) ? null : FormattableString.Invariant($"{name} {value}: give a number above 0");

    public static string? Share(string name, double value) => value is >= 0 and < 1 ? null : FormattableString.Invariant($"{name} {value}: give a number from 0 to below 1");
}
