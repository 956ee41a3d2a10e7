enhanceCharts(document);
