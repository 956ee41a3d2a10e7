enhanceCharts(document);
enhanceTables(document);
